"""What a worker says it has loaded."""

from collections.abc import Sequence
from dataclasses import dataclass

from gpu_worker.warmth import KEYS_MAX, Warmth


@dataclass
class Child:
    """A process that tells what it holds."""

    pid: int | None = 1
    loaded: Sequence[str] = ("model",)

    def loaded_models(self, engine: str) -> Sequence[str]:
        return self.loaded if engine == "diffusion" else ()


def warmth_of(child: Child, *keys: str | None) -> Warmth:
    warmth = Warmth(child)
    for key in keys:
        warmth.add(key, engine="diffusion")
    return warmth


def test_the_newest_keys_are_remembered_and_the_newest_comes_first() -> None:
    assert warmth_of(Child(), "a", "b", None, "a").keys() == ["a", "b"]


def test_the_memory_is_bounded() -> None:
    assert len(warmth_of(Child(), *map(str, range(KEYS_MAX + 3))).keys()) == KEYS_MAX


def test_a_new_child_has_nothing_loaded() -> None:
    child = Child()
    warmth = warmth_of(child, "a")
    for child.pid in (None, 2):
        assert warmth.keys() == []
    warmth.add("b", engine="diffusion")
    assert warmth.keys() == ["b"]


def test_a_model_that_made_room_for_another_is_warm_no_more() -> None:
    child = Child(loaded=["still"])
    warmth = warmth_of(child, "keyframe")
    child.loaded = ["still", "moving"]
    warmth.add("clip", engine="diffusion")
    assert warmth.keys() == ["clip", "keyframe"]
    child.loaded = ["moving"]
    assert warmth.keys() == ["clip"]


def test_a_job_that_left_nothing_loaded_warms_nothing() -> None:
    child = Child(loaded=[])
    warmth = warmth_of(child, "training")
    child.loaded = ["still"]
    assert warmth.keys() == []
