"""What a worker says it has loaded."""

from gpu_worker.warmth import KEYS_MAX, Warmth


def test_the_newest_keys_are_remembered_and_the_newest_comes_first() -> None:
    warmth = Warmth()
    for key in ("a", "b", None, "a"):
        warmth.add(key, pid=1)
    assert warmth.keys(pid=1) == ["a", "b"]


def test_the_memory_is_bounded() -> None:
    warmth = Warmth()
    for number in range(KEYS_MAX + 3):
        warmth.add(str(number), pid=1)
    assert len(warmth.keys(pid=1)) == KEYS_MAX


def test_a_new_child_has_nothing_loaded() -> None:
    warmth = Warmth()
    warmth.add("a", pid=1)
    assert warmth.keys(pid=2) == warmth.keys(pid=None) == []
    warmth.add("b", pid=2)
    assert warmth.keys(pid=2) == ["b"]
