"""The catalogue says of an engine what the engine says of itself."""

from bootstrap.engines import ANIMATIC, DIFFUSION, ENGINES, orderable
from bootstrap.settings import EngineSettings
from gpu_worker.pipelines.animatic.engine import AnimaticEngine


def test_the_catalogues_animatic_is_the_workers() -> None:
    assert (ANIMATIC.name, ANIMATIC.version) == (AnimaticEngine.name, AnimaticEngine.version)
    assert ANIMATIC.queue.value == ("gpu" if AnimaticEngine.capabilities.needs_gpu else "cpu")


def test_only_engines_that_there_are_workers_for_can_be_ordered() -> None:
    assert orderable(EngineSettings()).engines == (ANIMATIC,)
    assert orderable(EngineSettings(diffusion=True)).engines == (ANIMATIC, DIFFUSION) == ENGINES.engines
