"""The catalogue says of an engine what the engine says of itself."""

from bootstrap.engines import ANIMATIC
from gpu_worker.pipelines.animatic.engine import AnimaticEngine


def test_the_catalogues_animatic_is_the_workers() -> None:
    assert (ANIMATIC.name, ANIMATIC.version) == (AnimaticEngine.name, AnimaticEngine.version)
    assert ANIMATIC.queue.value == ("gpu" if AnimaticEngine.capabilities.needs_gpu else "cpu")
