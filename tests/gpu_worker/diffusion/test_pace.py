"""From a model's frames to the ordered ones: segments, dissolves, frames in between, label maps that follow."""

import cv2
import numpy as np
import pytest
from cv2.typing import MatLike

from gpu_worker.pipelines.diffusion.family import FamilyCapabilities, Frames
from gpu_worker.pipelines.diffusion.flow import InBetween
from gpu_worker.pipelines.diffusion.following import Followed
from gpu_worker.pipelines.diffusion.pace import Pace, joined, pace_of, paced, retimed

SIZE = (128, 96)


def family(*, most: int, rate: int, step: int = 1, has_last: bool = False) -> FamilyCapabilities:
    return FamilyCapabilities(
        pixels_min=1,
        pixels_native=1,
        pixels_max=1,
        size_multiple=1,
        frames_min=step + 1,
        frames_max=most,
        frames_step=step,
        frames_per_second=rate,
        has_last_frame=has_last,
    )


SHORT = family(most=25, rate=7)
LONG = family(most=81, rate=16, step=4, has_last=True)


@pytest.mark.parametrize(
    ("can", "frames", "rate", "expected"),
    [
        (SHORT, 24, 24, Pace(1, 8, 0, comes_back=False)),
        (SHORT, 24, 7, Pace(1, 24, 0, comes_back=False)),
        (SHORT, 240, 24, Pace(4, 20, 3, comes_back=False)),
        (LONG, 1, 24, Pace(1, 5, 0, comes_back=False)),
        (LONG, 120, 24, Pace(1, 81, 0, comes_back=False)),
        (LONG, 240, 24, Pace(2, 81, 1, comes_back=True)),
    ],
)
def test_a_shot_is_made_at_once_if_it_fits_and_by_even_segments_if_not(
    can: FamilyCapabilities, frames: int, rate: int, expected: Pace
) -> None:
    assert pace_of(frames, rate, can) == expected


@pytest.mark.parametrize("can", [SHORT, LONG, family(most=161, rate=25, step=8, has_last=True)])
def test_what_a_family_makes_is_allowed_and_reaches_to_the_end(can: FamilyCapabilities) -> None:
    for rate in (8, 24, 25, 60):
        for frames in range(1, 1200, 7):
            pace = pace_of(frames, rate, can)
            assert can.frames_min <= pace.frames <= can.frames_max
            assert (pace.frames - 1) % can.frames_step == 0
            assert (pace.length - 1) / can.frames_per_second >= (frames - 1) / rate


def grey(*values: int) -> Frames:
    return np.stack([np.full((16, 16, 3), value, np.uint8) for value in values])


def test_segments_dissolve_into_each_other_over_what_they_share() -> None:
    stream = list(joined([grey(0, 30, 60, 90), grey(0, 30, 60, 90)], 2))
    assert [int(picture[0, 0, 0]) for picture in stream] == [0, 30, 40, 50, 60, 90]


@pytest.mark.parametrize(("native", "rate", "frames"), [(8, 24, 20), (7, 30, 17), (25, 24, 11), (16, 16, 6)])
def test_a_clip_has_exactly_the_ordered_frames_at_their_moments(native: int, rate: int, frames: int) -> None:
    pace = pace_of(frames, rate, family(most=100, rate=native))
    ramp = iter(grey(*range(0, 5 * pace.length, 5)))
    made = [int(picture[0, 0, 0]) for picture in retimed(ramp, native=native, rate=rate, frames=frames)]
    assert made == pytest.approx([5 * number * native / rate for number in range(frames)], abs=1)


def scene(seconds: float, *, labels: bool = False) -> MatLike:
    """A textured disc that crosses a textured ground, 60 px/s; or its label map."""
    centre = np.array([30 + 60 * seconds, 50 + 10 * seconds])
    chance = np.random.default_rng(3)
    ground, disc = (cv2.GaussianBlur(chance.uniform(0, 255, (96, 128, 3)), (0, 0), 3) for _ in range(2))
    rows, columns = np.mgrid[0:96, 0:128].astype(np.float64)
    cover = np.clip(20.5 - np.hypot(columns - centre[0], rows - centre[1]), 0, 1)
    if labels:
        return (cover > 0.5).astype(np.uint8)
    shift = np.array([[1, 0, centre[0] - 64], [0, 1, centre[1] - 48]], np.float64)
    disc = cv2.warpAffine(disc, shift, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    pictures = [np.clip((each - 128) * 4 + 128, 0, 255) for each in (ground, disc)]
    mixed = pictures[0] * (1 - cover[..., None]) + pictures[1] * cover[..., None]
    return np.round(mixed).astype(np.uint8)


def test_frames_in_between_follow_the_motion_better_than_a_blend() -> None:
    first, second, true = scene(0.0), scene(0.1), scene(0.05)
    assert (
        cv2.PSNR(InBetween(first, second).at(0.5), true)
        > cv2.PSNR(cv2.addWeighted(first, 0.5, second, 0.5, 0), true) + 3
    )


def test_a_label_map_follows_its_figure_and_comes_back_with_it() -> None:
    then, now = scene(0.0, labels=True), scene(0.3, labels=True)
    followed = Followed(then, scene(0.0))
    for step in range(10):
        followed.see(scene(0.03 * (step + 1)))
    assert set(np.unique(followed.labels())) <= {0, 1}
    assert shared_area(followed.labels(), now) > 2 * shared_area(then, now)
    followed.see(scene(0.0))
    assert np.array_equal(followed.labels(), then)


def shared_area(first: MatLike, second: MatLike) -> float:
    """Intersection over union."""
    return float(np.logical_and(first, second).sum() / np.logical_or(first, second).sum())


@pytest.mark.parametrize(
    ("native", "rate", "shown"), [(25, 24, 24), (24, 25, 25), (25, 25, 25), (16, 24, 16), (25, 30, 25)]
)
def test_a_rate_that_is_near_enough_is_taken_for_the_ordered_one(native: int, rate: int, shown: int) -> None:
    assert paced(family(most=100, rate=native), rate).frames_per_second == shown
