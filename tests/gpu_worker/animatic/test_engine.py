"""The engine as its caller sees it: files, frame counts, label maps, repeatability, cancelling."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from cv2.typing import MatLike

from contracts.commands import AnimateShot, ClipMade, KeyframeMade, Result, Shooting, Slate
from gpu_worker.pipelines.animatic.engine import AnimaticEngine
from gpu_worker.pipelines.animatic.framing import canvas_size, painting_size
from gpu_worker.pipelines.engine import Engine
from gpu_worker.watching import Onlooker
from tests.builders_pictures import NAMES, animation_of, inputs_of, keyframe_of, pictures_of, plan_of

SIZES = ("extreme_wide", "wide", "full", "medium", "medium_close_up", "close_up")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return AnimaticEngine()


def run(engine: Engine, command: Shooting, folder: Path) -> Result:
    return engine.run(command, inputs_of(command.shot), folder, Onlooker())


def labels_in(folder: Path) -> MatLike:
    labels = cv2.imread(str(folder / "figures.png"), cv2.IMREAD_UNCHANGED)
    assert labels is not None
    return labels


class Cancelled(BaseException):
    """What a worker raises through `Watch`."""


def test_a_keyframe_has_the_wanted_size_and_a_label_for_each_figure(engine: Engine, tmp_path: Path) -> None:
    made = run(engine, keyframe_of(plan_of(*NAMES, size="medium")), tmp_path)
    assert isinstance(made, KeyframeMade)
    assert made.figures == 3
    picture = cv2.imread(str(tmp_path / "keyframe.png"))
    assert picture is not None
    assert picture.shape == (180, 320, 3)
    assert labels_in(tmp_path).shape == (180, 320)
    assert set(np.unique(labels_in(tmp_path))) == {0, 1, 2, 3}


def test_a_clip_has_exactly_its_frames_as_h264(engine: Engine, tmp_path: Path) -> None:
    made = run(engine, animation_of(plan_of(NAMES[0], move="push_in"), frames=17), tmp_path)
    assert isinstance(made, ClipMade)
    with av.open(str(tmp_path / "clip.mp4")) as clip:
        stream = clip.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height, stream.average_rate) == (320, 180, 24)
        assert not clip.streams.audio
        assert sum(1 for _ in clip.decode(stream)) == 17 == made.frames


def test_a_clip_begins_with_an_independent_frame_and_has_no_b_frames(engine: Engine, tmp_path: Path) -> None:
    run(engine, animation_of(plan_of(NAMES[0], move="pan_right")), tmp_path)
    with av.open(str(tmp_path / "clip.mp4")) as clip:
        packets = [packet for packet in clip.demux(video=0) if packet.pts is not None]
    assert packets[0].is_keyframe
    assert all(packet.pts == packet.dts for packet in packets)


def test_the_same_command_gives_the_same_bytes(tmp_path: Path) -> None:
    command = animation_of(plan_of(NAMES[0], NAMES[1], move="handheld"))
    digests: list[bytes] = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        run(AnimaticEngine(), command, tmp_path / name)
        digests.append((tmp_path / name / "clip.mp4").read_bytes())
    assert digests[0] == digests[1]


def test_another_seed_frames_the_shot_differently(engine: Engine, tmp_path: Path) -> None:
    pictures: list[bytes] = []
    for seed in (7, 8):
        run(engine, keyframe_of(plan_of(NAMES[0], size="close_up"), seed=seed), tmp_path)
        pictures.append((tmp_path / "keyframe.png").read_bytes())
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", NAMES)
def test_no_head_is_clipped_by_the_frame(engine: Engine, tmp_path: Path, size: str, name: str) -> None:
    run(engine, keyframe_of(plan_of(name, size=size)), tmp_path)
    labels = labels_in(tmp_path)
    assert labels.any()
    assert not labels[0].any()
    assert not labels[:, 0].any()
    assert not labels[:, -1].any()


@pytest.mark.parametrize("move", ["push_in", "tilt_up", "tilt_down", "pan_left", "parallax", "handheld"])
def test_no_move_drives_a_head_out_of_the_frame(engine: Engine, tmp_path: Path, move: str) -> None:
    plan = plan_of(NAMES[0], NAMES[1], size="close_up", move=move)
    made = run(engine, animation_of(plan, frames=24), tmp_path)
    assert isinstance(made, ClipMade)
    maps = labels_in(tmp_path).reshape(len(made.sampled_frames), 180, 320)
    for labels in maps:
        assert set(np.unique(labels)) >= {1, 2}
        assert not labels[0].any()
        assert not labels[:, 0].any()
        assert not labels[:, -1].any()


@pytest.mark.parametrize("size", ["wide", "medium", "close_up"])
def test_figures_hide_little_of_each_other(engine: Engine, tmp_path: Path, size: str) -> None:
    run(engine, keyframe_of(plan_of(*NAMES, size=size)), tmp_path)
    together = labels_in(tmp_path)
    areas = [int((together == number).sum()) for number in (1, 2, 3)]
    assert min(areas) > 0.25 * max(areas)


def test_sampled_frames_are_stacked_and_after_the_fade(engine: Engine, tmp_path: Path) -> None:
    command = animation_of(plan_of(NAMES[0], transition="fade"), frames=48, samples=6)
    made = run(engine, command, tmp_path)
    assert isinstance(made, ClipMade)
    assert len(made.sampled_frames) == 6
    assert made.sampled_frames[0] >= 16
    assert made.sampled_frames[-1] == 47
    assert labels_in(tmp_path).shape == (6 * 180, 320)


def test_a_fade_begins_in_black(engine: Engine, tmp_path: Path) -> None:
    run(engine, animation_of(plan_of(NAMES[0], transition="fade"), frames=36), tmp_path)
    pictures = pictures_of(tmp_path / "clip.mp4")
    assert pictures[0].mean() < 12
    assert pictures[-1].mean() > 60


def test_a_slate_comes_before_the_shot_and_takes_nothing_of_it(engine: Engine, tmp_path: Path) -> None:
    plan = plan_of(NAMES[0])
    slate = Slate(title="愚公移山", shot_number=3, shots_total=12, take_number=1, frames=12)
    frames: list[list[MatLike]] = []
    for with_slate, count in ((slate.model_dump(), 36), (None, 24)):
        made = run(engine, animation_of(plan, frames=count, slate=with_slate), tmp_path)
        frames.append(pictures_of(tmp_path / "clip.mp4"))
        assert isinstance(made, ClipMade)
        assert min(made.sampled_frames) == count - 24
    assert [len(each) for each in frames] == [36, 24]
    assert np.abs(frames[0][4].astype(int) - frames[1][0]).mean() > 10
    differences = [np.abs(frames[0][12 + number].astype(int) - frames[1][number]).mean() for number in range(24)]
    assert max(differences) < 2


def test_raising_from_progress_stops_and_leaves_no_clip(engine: Engine, tmp_path: Path) -> None:
    command = animation_of(plan_of(NAMES[0]), frames=40)

    def stop_soon(done: float) -> None:
        if done > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.run(command, inputs_of(command.shot), tmp_path, Onlooker(stop_soon))
    assert list(tmp_path.iterdir()) == []


def test_progress_rises_from_nothing_to_all(engine: Engine, tmp_path: Path) -> None:
    told: list[float] = []
    command = animation_of(plan_of(NAMES[0]))
    engine.run(command, inputs_of(command.shot), tmp_path, Onlooker(told.append))
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert len(told) > command.frames


def test_a_missing_cut_out_is_told_in_a_sentence(engine: Engine, tmp_path: Path) -> None:
    command = keyframe_of(plan_of(NAMES[0]))
    with pytest.raises(ValueError, match=r"The cut-out .* was not given\."):
        engine.run(command, {}, tmp_path, Onlooker())


def test_a_picture_without_transparency_is_refused(engine: Engine, tmp_path: Path) -> None:
    flat = tmp_path / "flat.png"
    cv2.imwrite(str(flat), np.full((32, 32, 3), 120, np.uint8))
    command = keyframe_of(plan_of(NAMES[0]))
    with pytest.raises(ValueError, match="no transparent background"):
        engine.run(command, dict.fromkeys(inputs_of(command.shot), flat), tmp_path, Onlooker())


@pytest.mark.parametrize(("width", "height"), [(180, 320), (240, 240), (64, 64)])
def test_tall_square_and_tiny_frames_are_filmed(engine: Engine, tmp_path: Path, width: int, height: int) -> None:
    command = animation_of(plan_of(NAMES[0], NAMES[2], size="full"), width=width, height=height, frames=3)
    assert isinstance(command, AnimateShot)
    run(engine, command, tmp_path)
    assert pictures_of(tmp_path / "clip.mp4")[0].shape == (height, width, 3)


def test_a_shot_without_cast_shows_the_place_alone(engine: Engine, tmp_path: Path) -> None:
    made = run(engine, keyframe_of(plan_of(size="wide")), tmp_path)
    assert isinstance(made, KeyframeMade)
    assert made.figures == 0
    assert not labels_in(tmp_path).any()


def test_a_large_frame_does_not_ask_for_a_larger_painting() -> None:
    assert painting_size((1280, 720)) == canvas_size((1280, 720))
    width, height = painting_size((4096, 4096))
    assert width * height < 3_500_000
    assert width == height
