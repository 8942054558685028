"""The catalogue says of an engine what the engine says of itself."""

from collections.abc import Mapping
from typing import cast

from bootstrap.diffusion import DiffusionWorker
from bootstrap.engines import ANIMATIC, DIFFUSION, ENGINES, orderable
from bootstrap.settings import EngineSettings, nested
from gpu_worker.pipelines.animatic.engine import AnimaticEngine


def test_the_catalogues_animatic_is_the_workers() -> None:
    assert (ANIMATIC.name, ANIMATIC.version) == (AnimaticEngine.name, AnimaticEngine.version)
    assert ANIMATIC.queue.value == ("gpu" if AnimaticEngine.capabilities.needs_gpu else "cpu")


def test_only_engines_that_there_are_workers_for_can_be_ordered() -> None:
    assert orderable(EngineSettings()).engines == (ANIMATIC,)
    assert orderable(EngineSettings(diffusion=True)).engines == (ANIMATIC, DIFFUSION) == ENGINES.engines


def test_another_revision_of_the_models_is_another_version_of_the_engine() -> None:
    tiny = cast(Mapping[str, object], nested(DiffusionWorker({}, is_tiny=True).revision)["engines"])
    settings = [EngineSettings(diffusion=True), EngineSettings.model_validate({"diffusion": True, **tiny})]
    versions = [orderable(each).get("diffusion").version for each in settings]
    assert versions == [DIFFUSION.version, f"{DIFFUSION.version} tiny"]
    assert DiffusionWorker({}, is_tiny=False).revision == {}
