"""Clips as their caller sees them: exact frames and size, titles, label maps, anchors, rungs, halting."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import torch
from cv2.typing import MatLike
from diffusers import DiffusionPipeline
from PIL import Image
from safetensors.torch import save_file

from contracts.commands import Adapter, AnimateShot, ClipMade, Slate
from gpu_worker.pipelines.diffusion.engine import DiffusionEngine, quieten
from gpu_worker.pipelines.diffusion.family import (
    FamilyCapabilities,
    Frames,
    LoadedAdapter,
    MotionOrder,
    OnStep,
    Prompt,
    Recipe,
)
from gpu_worker.pipelines.diffusion.figures import OrderedFigures
from gpu_worker.pipelines.diffusion.filming import Filming, Progress
from gpu_worker.pipelines.diffusion.memory import Ladder, Rung
from gpu_worker.pipelines.diffusion.models import Models
from gpu_worker.pipelines.diffusion.motion import ClipMaker, moving_prompt, shot_of
from gpu_worker.pipelines.diffusion.pace import Pace
from gpu_worker.pipelines.diffusion.settings import DiffusionSettings
from gpu_worker.watching import Onlooker
from tests.builders_pictures import NAMES, animation_of, inputs_of, keyframe_of, pictures_of, plan_of
from tests.gpu_worker.diffusion.conftest import MakeSettings
from tests.gpu_worker.tiny_models import TinyModels

SIZE = (96, 72)


@pytest.fixture(scope="module")
def settings(settings_of: MakeSettings, tiny_models: TinyModels) -> DiffusionSettings:
    quieten()
    weights = str(tiny_models.folder("stable_video"))
    return settings_of(motion_family="stable_video", motion_weights=weights, motion_steps=2)


@pytest.fixture(scope="module")
def models(settings: DiffusionSettings) -> Models:
    return Models(settings)


def command_of(**changes: object) -> AnimateShot:
    return animation_of(plan_of(NAMES[0]), width=SIZE[0], height=SIZE[1], frames_per_second=12, **changes)


def inputs_for(command: AnimateShot, folder: Path) -> dict[str, Path]:
    keyframe = Image.new("RGB", SIZE, "teal")
    keyframe.paste((240, 200, 40), (30, 10, 60, 70))
    labels = Image.new("L", SIZE, 0)
    labels.paste(1, (30, 10, 60, 70))
    keyframe.save(folder / "keyframe-in.png")
    labels.save(folder / "figures-in.png")
    given = {command.keyframe: folder / "keyframe-in.png", command.keyframe_figures: folder / "figures-in.png"}
    return inputs_of(command.shot) | given


def made_by(maker: ClipMaker, command: AnimateShot, folder: Path, onlooker: Onlooker | None = None) -> ClipMade:
    outputs = folder / "out"
    outputs.mkdir(exist_ok=True)
    return maker.make(command, inputs_for(command, folder), outputs, onlooker or Onlooker(), version="1")


def test_a_clip_of_two_segments_has_exactly_its_frames_and_label_maps(
    settings: DiffusionSettings, models: Models, tmp_path: Path
) -> None:
    told: list[float] = []
    onlooker = Onlooker(told.append)
    made = made_by(ClipMaker(settings, models, None, Ladder()), command_of(frames=20), tmp_path, onlooker)
    with av.open(str(tmp_path / "out" / "clip.mp4")) as clip:
        stream = clip.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt, stream.average_rate) == ("h264", "yuv420p", 12)
        assert (stream.width, stream.height) == SIZE
        assert sum(1 for _ in clip.decode(stream)) == 20 == made.frames
    labels = cv2.imread(str(tmp_path / "out" / "figures.png"), cv2.IMREAD_UNCHANGED)
    assert labels is not None
    assert labels.shape == (SIZE[1] * len(made.sampled_frames), SIZE[0])
    assert set(np.unique(labels)) == {0, 1}
    assert (made.notes["segments"], made.notes["finder"], made.notes["rung"]) == (2, "keyframe_followed", "plain")
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert onlooker.previews


def test_a_slate_comes_first_and_captions_are_burnt_in(
    settings: DiffusionSettings, models: Models, tmp_path: Path
) -> None:
    slate = Slate(title="The race", shot_number=1, shots_total=2, take_number=1, frames=6)
    captions = [{"text": "Slow and steady.", "start": 0.5, "end": 1.0}]
    finder = OrderedFigures()
    clips: list[list[MatLike]] = []
    for changes in ({"frames": 12, "slate": slate.model_dump(), "captions": captions}, {"frames": 6}):
        made = made_by(ClipMaker(settings, models, finder, Ladder()), command_of(**changes), tmp_path)
        assert min(made.sampled_frames) >= made.frames - 6
        assert made.notes["finder"] == finder.name
        clips.append(pictures_of(tmp_path / "out" / "clip.mp4"))
    difference = np.abs(clips[0][9].astype(int) - clips[1][3])
    assert difference[: SIZE[1] // 4].mean() < 8
    assert difference[SIZE[1] * 3 // 4 :].mean() > 20
    assert np.abs(clips[0][0].astype(int) - clips[1][0]).mean() > 10


def test_raising_from_progress_ends_a_clip_and_leaves_nothing(
    settings: DiffusionSettings, models: Models, tmp_path: Path
) -> None:
    def stop_soon(done: float) -> None:
        if done > 0.2:
            raise KeyboardInterrupt

    maker = ClipMaker(settings, models, None, Ladder())
    with pytest.raises(KeyboardInterrupt):
        made_by(maker, command_of(frames=12), tmp_path, Onlooker(stop_soon))
    assert list((tmp_path / "out").iterdir()) == []


def test_the_engine_moves_its_own_keyframe_by_animatediff(
    settings_of: MakeSettings, tiny_models: TinyModels, tmp_path: Path
) -> None:
    adapter = str(tiny_models.folder("animatediff"))
    engine = DiffusionEngine(
        settings_of(motion_family="animatediff", motion_adapter_weights=adapter, motion_steps=2, motion_pixels=64 * 64)
    )
    plan = plan_of(*NAMES[:2], size="full")
    engine.run(keyframe_of(plan, width=96, height=72), inputs_of(plan), tmp_path, Onlooker())
    command = animation_of(plan, width=96, height=72, frames=6)
    given = {command.keyframe: tmp_path / "keyframe.png", command.keyframe_figures: tmp_path / "figures.png"}
    (tmp_path / "clip").mkdir()
    made = engine.run(command, inputs_of(plan) | given, tmp_path / "clip", Onlooker())
    assert isinstance(made, ClipMade)
    assert (made.notes["family"], made.notes["made_frames"], made.notes["segments"]) == ("animatediff", 3, 1)
    assert len(pictures_of(tmp_path / "clip" / "clip.mp4")) == 6


def with_adapter(command: AnimateShot) -> AnimateShot:
    first = command.shot.cast[0].model_copy(update={"adapter": Adapter(weights="lora", trigger="zwx")})
    return command.model_copy(update={"shot": command.shot.model_copy(update={"cast": [first]})})


def test_a_family_without_adapters_leaves_them_out_and_their_words(
    settings: DiffusionSettings, models: Models, tmp_path: Path
) -> None:
    save_file({"unet.layer.lora_A.weight": torch.ones(4, 8)}, tmp_path / "lora")
    command = with_adapter(command_of(frames=8))
    shot = shot_of(
        command, inputs_for(command, tmp_path) | {"lora": tmp_path / "lora"}, settings, models.motion().family
    )
    assert shot.left_out == {1: "stable_video takes no adapters."}
    assert shot.cast[0].adapter is None
    assert "zwx" in moving_prompt(command.shot, "").text
    assert "zwx" not in moving_prompt(shot.command.shot, "").text


def test_a_missing_keyframe_is_told_in_a_sentence(settings: DiffusionSettings, models: Models, tmp_path: Path) -> None:
    command = command_of(frames=8)
    maker = ClipMaker(settings, models, None, Ladder())
    with pytest.raises(ValueError, match=r"The input keyframe\.png was not given\."):
        maker.make(command, inputs_of(command.shot), tmp_path, Onlooker(), version="1")


def test_a_clip_that_does_not_fit_memory_climbs_the_ladder_and_says_so(
    settings: DiffusionSettings, models: Models, tmp_path: Path
) -> None:
    def guard(rung: Rung) -> None:
        if rung < Rung.SLICED:
            raise torch.OutOfMemoryError

    made = made_by(ClipMaker(settings, models, None, Ladder(guard=guard)), command_of(frames=8), tmp_path)
    assert made.notes["rung"] == "sliced"


class Noted:
    """A family that keeps its orders."""

    name = "noted"
    capabilities = FamilyCapabilities(
        pixels_min=1, pixels_native=4096, pixels_max=4096, size_multiple=8, frames_max=9, has_last_frame=True
    )
    size_bytes = 0

    def __init__(self, pipeline: DiffusionPipeline) -> None:
        self.pipeline = pipeline
        self.orders: list[MotionOrder] = []

    def misfit(self, adapter: LoadedAdapter) -> str:
        return ""

    def animate(self, order: MotionOrder, recipe: Recipe, on_step: OnStep) -> Frames:
        self.orders.append(order)
        on_step(0, None)
        return np.zeros((order.frames, order.height, order.width, 3), np.uint8)


def test_each_segment_starts_from_the_keyframe_and_all_but_the_last_come_back_to_it(
    settings: DiffusionSettings, models: Models
) -> None:
    family, keyframe = Noted(models.motion().family.pipeline), Image.new("RGB", SIZE, "teal")
    filming = Filming(
        family=family,
        order=MotionOrder(Prompt("a fox runs"), keyframe, 9, 64, 64, seed=2**63 - 1),
        pace=Pace(3, 9, 1, comes_back=True),
        settings=settings,
        device="cpu",
        ladder=Ladder(),
        progress=Progress(Onlooker(), 3, 25),
        share=1.0,
        frame=SIZE,
    )
    assert [len(segment) for segment in filming.segments()] == [9, 9, 9]
    assert all(order.keyframe is keyframe for order in family.orders)
    assert [order.last for order in family.orders] == [keyframe, keyframe, None]
    assert [order.seed for order in family.orders] == [2**63 - 1, 0, 1]
