"""What stays loaded, and what makes room."""

from dataclasses import dataclass

from gpu_worker.weights.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Model:
    size_bytes: int


def test_what_is_loaded_is_loaded_once() -> None:
    shelf = Shelf[Model](bytes_max=10)
    first = shelf.get("one", lambda: Model(4))
    assert shelf.get("one", lambda: Model(5)) is first
    assert (shelf.loads, shelf.hits) == (1, 1)


def test_what_was_used_longest_ago_makes_room() -> None:
    shelf = Shelf[Model](bytes_max=10)
    for key in ("one", "two", "one", "three"):
        shelf.get(key, lambda: Model(4))
    assert ("one" in shelf, "two" in shelf, "three" in shelf) == (True, False, True)
    assert shelf.get("one", lambda: Model(4)).size_bytes == 4
    assert shelf.keys == ("three", "one")
    assert shelf.size_bytes == 8


def test_what_is_asked_for_stays_whatever_its_size() -> None:
    shelf, put_away = Shelf[Model](bytes_max=10, on_put_away=lambda: put_away.append(1)), list[int]()
    shelf.get("one", lambda: Model(4))
    shelf.get("huge", lambda: Model(40))
    assert ("one" in shelf, "huge" in shelf, put_away) == (False, True, [1])


def test_all_but_the_one_asked_for_last_are_let_go_at_need() -> None:
    shelf, put_away = Shelf[Model](bytes_max=10, on_put_away=lambda: put_away.append(1)), list[int]()
    for key in ("one", "two"):
        shelf.get(key, lambda: Model(4))
    assert shelf.put_away(but_the_last=True)
    assert not shelf.put_away(but_the_last=True)
    assert (shelf.keys, put_away) == (("two",), [1])
