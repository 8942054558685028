"""What the engine says of the models that it has been given, before one of them is loaded."""

import json
from pathlib import Path

import pytest

from contracts.protocol import FrameCounts, PictureSize, ServedModel
from gpu_worker.pipelines.diffusion.engine import DiffusionEngine
from gpu_worker.pipelines.diffusion.families import KEYFRAMES, MOTION, FamilyKind
from gpu_worker.pipelines.diffusion.family import Device, FamilyCapabilities
from gpu_worker.pipelines.diffusion.parts import Parts
from gpu_worker.weights.errors import WeightsRefused
from tests.gpu_worker.diffusion.conftest import MakeSettings
from tests.gpu_worker.tiny_models import TinyModels

# As published: stable-diffusion-v1-5, stable-diffusion-xl-base-1.0, FLUX.2-klein-4B, stable-video-diffusion-img2vid-xt,
# LTX-Video-0.9.5, Wan2.2-I2V-A14B and, timed, Wan2.2-TI2V-5B; only what is read of each.
PICTURES: dict[str, dict[str, object]] = {"vae": {"block_out_channels": [128, 256, 512, 512], "sample_size": 512}}
PUBLISHED: dict[str, dict[str, dict[str, object]]] = {
    "stable_diffusion": {"unet": {"sample_size": 64, "block_out_channels": [320, 640, 1280, 1280]}, **PICTURES},
    "stable_diffusion_xl": {"unet": {"sample_size": 128, "block_out_channels": [320, 640, 1280]}, **PICTURES},
    "flux2_klein": {
        "": {"is_distilled": True},
        "vae": {"block_out_channels": [128, 256, 512, 512], "sample_size": 1024},
    },
    "stable_video": {
        "unet": {"sample_size": 96, "num_frames": 25, "block_out_channels": [320, 640, 1280, 1280]},
        **PICTURES,
    },
    "ltx": {"vae": {"patch_size": 4, "patch_size_t": 1, "spatio_temporal_scaling": [True, True, True, False]}},
    "wan": {"": {"transformer": ["diffusers", "WanTransformer3DModel"]}, "transformer": {"image_dim": None}, "vae": {}},
}
TIMED: dict[str, dict[str, object]] = {
    "": {"expand_timesteps": True, "transformer": ["diffusers", "WanTransformer3DModel"]},
    "transformer": {},
    "vae": {"scale_factor_spatial": 16, "scale_factor_temporal": 4},
}


def read(kind: FamilyKind[object], folder: Path, configs: dict[str, dict[str, object]]) -> FamilyCapabilities:
    for part, config in configs.items():
        (folder / part).mkdir(exist_ok=True, parents=True)
        (folder / part / ("config.json" if part else "model_index.json")).write_text(json.dumps(config))
    return kind.capabilities_of(Parts(folder, Device()))


@pytest.mark.parametrize(
    ("family", "native", "multiple"),
    [("stable_diffusion", 512**2, 64), ("stable_diffusion_xl", 1024**2, 32), ("flux2_klein", 1024**2, 16)],
)
def test_published_keyframe_models_are_known_by_their_configurations(
    family: str, native: int, multiple: int, tmp_path: Path
) -> None:
    can = read(KEYFRAMES[family], tmp_path, PUBLISHED[family])
    assert (can.pixels_native, can.size_multiple, can.frames_max) == (native, multiple, 1)


@pytest.mark.parametrize(
    ("family", "native", "frames", "ends"),
    [
        ("stable_video", 768**2, (2, 25, 1), "where they end"),
        ("ltx", 768 * 512, (9, 161, 8), "in a picture"),
        ("wan", 832 * 480, (5, 81, 4), "in a picture"),
    ],
)
def test_published_motion_models_are_known_by_their_configurations(
    family: str, native: int, frames: tuple[int, int, int], ends: str, tmp_path: Path
) -> None:
    can = read(MOTION[family], tmp_path, PUBLISHED[family])
    assert (can.pixels_native, (can.frames_min, can.frames_max, can.frames_step)) == (native, frames)
    assert (can.has_first_frame, can.has_last_frame) == (True, ends == "in a picture")


def test_wan_with_a_time_for_each_frame_is_told_apart(tmp_path: Path) -> None:
    can = read(MOTION["wan"], tmp_path, TIMED)
    assert (can.pixels_native, can.frames_max, can.frames_per_second) == (1280 * 704, 121, 24)
    assert not can.has_last_frame


def test_an_engine_says_what_it_was_given_before_it_loads_anything(
    settings_of: MakeSettings, tiny_models: TinyModels
) -> None:
    weights = str(tiny_models.folder("ltx"))
    engine = DiffusionEngine(settings_of(motion_family="ltx", motion_weights=weights, preview_steps=0))
    keyframes, clips = engine.served_models
    assert engine.usage.model_loads == 0
    assert keyframes == ServedModel(
        engine="diffusion",
        makes="keyframe",
        family="stable_diffusion",
        sizes=[PictureSize(width=w, height=h) for w, h in ((176, 96), (96, 176), (128, 128))],
        references_max=4,
        cast_max=6,
        adapters="several",
        has_regions=True,
        has_first_frame=False,
        has_last_frame=False,
        has_previews=False,
        can_halt=True,
    )
    assert (clips.family, clips.makes, clips.has_last_frame) == ("ltx", "clip", True)
    assert clips.frames == FrameCounts(minimum=5, maximum=161, step=4, per_second=25)


def test_sizes_follow_the_pixels_that_motion_is_made_in(settings_of: MakeSettings, tiny_models: TinyModels) -> None:
    chosen = {"motion_family": "ltx", "motion_weights": str(tiny_models.folder("ltx"))}
    native = DiffusionEngine(settings_of(**chosen)).served_models[1].sizes[2]
    half = DiffusionEngine(settings_of(**chosen, motion_pixels=native.width * native.height // 4)).served_models[1]
    assert half.sizes[2] == PictureSize(width=native.width // 2, height=native.height // 2)
    with pytest.raises(WeightsRefused, match="LAB_DIFFUSION_MOTION_PIXELS"):
        DiffusionEngine(settings_of(**chosen, motion_pixels=1))
