"""Families that move a keyframe, each on a tiny model in its real format."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from gpu_worker.pipelines.diffusion.engine import quieten
from gpu_worker.pipelines.diffusion.families import MOTION
from gpu_worker.pipelines.diffusion.family import (
    AdapterSupport,
    CastInPicture,
    Device,
    Frames,
    LoadedAdapter,
    MotionFamily,
    MotionOrder,
    Prompt,
    Recipe,
)
from gpu_worker.pipelines.diffusion.parts import ImagePrompt, Parts
from gpu_worker.pipelines.diffusion.wan import PATCH
from gpu_worker.tiny.wan import build_wan
from gpu_worker.tiny.worker import ENCODER, FILE
from tests.gpu_worker.tiny_models import TinyModels

FAMILIES = ("animatediff", "stable_video", "ltx", "wan")
RECIPE = Recipe(steps=2, guidance=3.0)
Steps = list[tuple[int, tuple[int, ...]]]


@pytest.fixture(scope="module")
def families(tiny_models: TinyModels) -> dict[str, MotionFamily]:
    quieten()
    prompt = ImagePrompt(tiny_models.image_prompt("stable_diffusion"), FILE, ENCODER)
    adapter = tiny_models.folder("animatediff")
    parts = {name: Parts(tiny_models.folder(name), Device()) for name in FAMILIES}
    parts["animatediff"] = Parts(tiny_models.folder("stable_diffusion"), Device(), prompt, adapter)
    return {name: MOTION[name].load(parts[name]) for name in FAMILIES}


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest, families: dict[str, MotionFamily]) -> MotionFamily:
    return families[request.param]


def picture(colour: str = "teal") -> Image.Image:
    made = Image.new("RGB", (96, 80), colour)
    made.paste((240, 200, 40), (24, 20, 60, 70))
    return made


def order_for(
    family: MotionFamily, *, seed: int = 5, last: Image.Image | None = None, cast: tuple[CastInPicture, ...] = ()
) -> MotionOrder:
    frames = family.capabilities.frames_step * 2 + 1
    return MotionOrder(Prompt("a fox runs", "blurry"), picture(), frames, 64, 64, seed, last, cast)


def frames_of(family: MotionFamily, order: MotionOrder, seen: Steps | None = None) -> Frames:
    def on_step(step: int, latents: torch.Tensor | None) -> None:
        if seen is not None:
            seen.append((step, tuple(latents.shape) if latents is not None else ()))

    return family.animate(order, RECIPE, on_step)


class Halted(BaseException):
    """What a worker raises through a step."""


def test_a_family_makes_the_ordered_frames_and_tells_each_step_with_its_latents(family: MotionFamily) -> None:
    seen: Steps = []
    order = order_for(family)
    made = frames_of(family, order, seen)
    assert (made.shape, made.dtype) == ((order.frames, 64, 64, 3), np.uint8)
    assert [step for step, _ in seen] == [0, 1]
    # Batch, channels, frames, height, width: what previews are made of.
    assert all(len(shape) == 5 and 1 < shape[2] <= order.frames for _, shape in seen)


def test_a_halt_stops_within_a_step_and_leaves_the_model_as_it_was(family: MotionFamily) -> None:
    assert family.capabilities.can_halt
    before, steps = frames_of(family, order_for(family)), list[int]()

    def halt(step: int, _latents: torch.Tensor | None) -> None:
        steps.append(step)
        raise Halted

    with pytest.raises(Halted):
        family.animate(order_for(family, seed=6), RECIPE, halt)
    assert steps == [0]
    assert np.array_equal(frames_of(family, order_for(family)), before)


def test_another_seed_moves_otherwise(family: MotionFamily) -> None:
    first, second = (frames_of(family, order_for(family, seed=seed)) for seed in (5, 6))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("name", ["ltx", "wan"])
def test_a_last_frame_is_heeded_where_a_family_has_it(families: dict[str, MotionFamily], name: str) -> None:
    family = families[name]
    assert family.capabilities.has_last_frame
    with_last = frames_of(family, order_for(family, last=picture("red")))
    assert not np.array_equal(with_last, frames_of(family, order_for(family)))


def test_weights_that_read_two_pictures_are_given_two(tmp_path: Path) -> None:
    family = MOTION["wan"].load(Parts(build_wan(tmp_path, is_first_and_last=True), Device()))
    assert family.capabilities.has_last_frame
    back = frames_of(family, order_for(family, last=picture()))
    assert np.array_equal(frames_of(family, order_for(family)), back)
    assert not np.array_equal(frames_of(family, order_for(family, last=picture("red"))), back)


def test_capabilities_say_what_each_family_is(families: dict[str, MotionFamily]) -> None:
    told = {name: family.capabilities for name, family in families.items()}
    assert [told[name].frames_step for name in FAMILIES] == [1, 1, 4, 4]
    assert [told[name].frames_per_second for name in FAMILIES] == [8, 7, 25, 16]
    assert [told[name].adapters is AdapterSupport.SEVERAL for name in FAMILIES] == [True, False, False, False]
    assert all(families[name].size_bytes > 10_000 for name in FAMILIES)


def test_what_a_family_reads_before_it_is_loaded_is_what_its_pipeline_says(families: dict[str, MotionFamily]) -> None:
    told = {name: family.capabilities for name, family in families.items()}
    for name in ("animatediff", "stable_video"):
        pipeline = families[name].pipeline
        halvings = len(pipeline.unet.config["block_out_channels"]) - 1
        assert told[name].size_multiple == pipeline.vae_scale_factor * 2**halvings
        assert told[name].pixels_native == (pipeline.unet.config["sample_size"] * pipeline.vae_scale_factor) ** 2
    ltx, wan = families["ltx"].pipeline, families["wan"].pipeline
    assert told["ltx"].size_multiple == ltx.vae_spatial_compression_ratio
    assert told["ltx"].frames_step == ltx.vae_temporal_compression_ratio
    assert told["wan"].size_multiple == wan.vae_scale_factor_spatial * PATCH
    assert told["wan"].frames_step == wan.vae_scale_factor_temporal


def member(folder: Path, name: str, *, scale: float = 0.6, with_adapter: bool = False) -> CastInPicture:
    adapter = None
    if with_adapter:
        layer = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
        path = folder / f"{name}.safetensors"
        chance = torch.Generator().manual_seed(len(name))
        shapes = {"A": (4, 64), "B": (64, 4)}
        save_file(
            {f"{layer}.lora_{end}.weight": torch.randn(shape, generator=chance) for end, shape in shapes.items()}, path
        )
        adapter = LoadedAdapter(path, name, 1.0)
    return CastInPicture(name, (picture("purple"),), (0.0, 0.0, 0.5, 1.0), scale, adapter)


def test_animatediff_hears_adapters_and_pictures_of_the_cast_and_forgets_them(
    families: dict[str, MotionFamily], tmp_path: Path
) -> None:
    family = families["animatediff"]
    alone = frames_of(family, order_for(family))
    shown = frames_of(family, order_for(family, cast=(member(tmp_path, "fox"),)))
    silent = frames_of(family, order_for(family, cast=(member(tmp_path, "fox", scale=0.0),)))
    adapted = frames_of(family, order_for(family, cast=(member(tmp_path, "fox", with_adapter=True),)))
    assert len({each.tobytes() for each in (alone, shown, silent, adapted)}) == 4
    assert np.array_equal(frames_of(family, order_for(family)), alone)
