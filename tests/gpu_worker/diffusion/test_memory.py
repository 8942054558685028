"""The ladder of memory, with a limit that is simulated and everything else real."""

from pathlib import Path

import pytest
import torch
from diffusers import StableVideoDiffusionPipeline

from contracts.commands import KeyframeMade
from gpu_worker.pipelines.diffusion.engine import DiffusionEngine
from gpu_worker.pipelines.diffusion.memory import Ladder, Rung, prepare, rungs_for
from gpu_worker.pipelines.diffusion.models import Models
from gpu_worker.watching import Onlooker
from tests.builders_pictures import keyframe_of, plan_of
from tests.gpu_worker.diffusion.conftest import MakeSettings
from tests.gpu_worker.tiny_models import TinyModels

COMMAND = keyframe_of(plan_of(), engine="diffusion", width=128, height=128)


class Limit:
    """Memory that suffices from a rung on; keeps which rungs were tried."""

    def __init__(self, suffices: Rung) -> None:
        self.suffices = suffices
        self.tried: list[Rung] = []

    def __call__(self, rung: Rung) -> None:
        self.tried.append(rung)
        if rung < self.suffices:
            raise torch.OutOfMemoryError("CUDA out of memory (simulated).")


def test_the_ladder_is_climbed_to_what_suffices_and_remembered(settings_of: MakeSettings, tmp_path: Path) -> None:
    limit = Limit(Rung.SMALLER)
    engine = DiffusionEngine(settings_of(image_prompt_weights=""), ladder=Ladder(guard=limit))
    first = engine.run(COMMAND, {}, tmp_path, Onlooker())
    assert limit.tried == [Rung.PLAIN, Rung.SLICED, Rung.SMALLER]
    second = engine.run(COMMAND, {}, tmp_path, Onlooker())
    assert limit.tried[3:] == [Rung.SMALLER]
    assert isinstance(first, KeyframeMade)
    assert isinstance(second, KeyframeMade)
    assert (first.notes["rung"], first.notes["made_size"]) == ("smaller", second.notes["made_size"])
    other = keyframe_of(plan_of(), engine="diffusion", width=192, height=96)
    engine.run(other, {}, tmp_path, Onlooker())
    assert limit.tried[4:] == [Rung.PLAIN, Rung.SLICED, Rung.SMALLER]


def test_a_limit_that_no_rung_meets_is_told_and_the_ladder_can_be_climbed_again() -> None:
    limit = Limit(Rung.SMALLER)
    ladder = Ladder(guard=limit)
    rungs = (Rung.PLAIN, Rung.SLICED)
    with pytest.raises(torch.OutOfMemoryError):
        ladder.climb("order", rungs, lambda _rung: None, lambda rung: rung)
    limit.suffices = Rung.PLAIN
    assert ladder.climb("order", rungs, lambda _rung: None, lambda rung: rung) == (Rung.PLAIN, Rung.PLAIN)


def test_only_rungs_that_can_help_are_tried() -> None:
    assert Rung.OFFLOADED not in rungs_for("cpu", batch=4, can_shrink=True)
    assert Rung.ONE_BY_ONE not in rungs_for("cuda", batch=1, can_shrink=True)
    assert Rung.HALVED not in rungs_for("cuda", batch=2, can_shrink=True)
    assert rungs_for("cuda", batch=3, can_shrink=True) == tuple(Rung)


def test_what_other_orders_need_is_let_go_before_a_rung_is_given_up() -> None:
    limit, others = Limit(Rung.SLICED), ["another model"]

    def spare() -> bool:
        has_others = bool(others)
        others.clear()
        limit.suffices = Rung.PLAIN
        return has_others

    ladder = Ladder(guard=limit, spare=spare)
    assert ladder.climb("order", tuple(Rung), lambda _rung: None, lambda rung: rung) == (Rung.PLAIN, Rung.PLAIN)
    assert limit.tried == [Rung.PLAIN, Rung.PLAIN]


def test_an_autoencoder_left_in_another_type_by_an_error_is_restored(settings_of: MakeSettings) -> None:
    pipeline = Models(settings_of(image_prompt_weights="")).keyframes().family.pipeline
    prepare(pipeline, Rung.PLAIN, "cpu")
    autoencoder = pipeline.components["vae"]
    autoencoder.to(torch.float64)
    prepare(pipeline, Rung.SLICED, "cpu")
    assert {each.dtype for each in autoencoder.parameters()} == {torch.float32}


def test_an_autoencoder_that_cannot_work_by_slices_is_left_as_it_is(tiny_models: TinyModels) -> None:
    pipeline = StableVideoDiffusionPipeline.from_pretrained(
        tiny_models.folder("stable_video"), local_files_only=True, use_safetensors=True
    )
    prepare(pipeline, Rung.SLICED, "cpu")
