"""What the engine says that it has done and keeps."""

from pathlib import Path

from gpu_worker.pipelines.diffusion.engine import DiffusionEngine
from gpu_worker.process_memory import accelerator_bytes, resident_bytes
from gpu_worker.watching import Onlooker
from tests.builders_pictures import NAMES, inputs_of, keyframe_of, plan_of
from tests.gpu_worker.diffusion.conftest import MakeSettings

COMMAND = keyframe_of(plan_of(NAMES[0]), engine="diffusion", width=96, height=64)


def test_steps_loads_and_hits_are_counted(settings_of: MakeSettings, tmp_path: Path) -> None:
    engine = DiffusionEngine(settings_of())
    assert (engine.usage.model_loads, engine.loaded_bytes, engine.loaded_models) == (0, 0, ())
    for _ in range(2):
        engine.run(COMMAND, inputs_of(COMMAND.shot), tmp_path, Onlooker())
    usage = engine.usage
    assert (usage.denoising_steps, usage.model_loads, usage.model_hits) == (6, 1, 1)
    assert usage.denoising_seconds > 0
    assert usage.model_load_seconds > 0
    assert engine.loaded_bytes > 1_000_000
    assert [name.split()[:2] for name in engine.loaded_models] == [["keyframes", "stable_diffusion"]]


def test_a_process_knows_what_it_holds() -> None:
    assert (resident_bytes() or 0) > 1_000_000
    assert accelerator_bytes() == 0
