"""From a model's frames at its own rate to exactly the ordered ones: by segments where one generation is too short.

Every segment starts from the keyframe. Where the family has a last frame all segments but the last end in it, too, so
that neighbours share that frame; else neighbours dissolve over a few frames. Between frames of the model others are
made that follow the motion. The decision on motion has the figures.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from cv2.typing import MatLike

from gpu_worker.pipelines.diffusion.family import FamilyCapabilities, Frames
from gpu_worker.pipelines.diffusion.flow import InBetween

DISSOLVE_SECONDS = 0.4
NEAR = 0.05  # 25 frames a second for 24: what films on television are


@dataclass(frozen=True, slots=True)
class Pace:
    """How many segments of how many frames, and how many frames of each its neighbour shares."""

    segments: int
    frames: int
    shared: int
    comes_back: bool  # all segments but the last end in the keyframe

    @property
    def length(self) -> int:
        """The frames that come of it."""
        return self.segments * self.frames - (self.segments - 1) * self.shared


def paced(can: FamilyCapabilities, rate: int) -> FamilyCapabilities:
    """The family as if it were of that rate where its own is so near that nobody sees the difference.

    Then each of its frames is shown, and none has to be made between two.
    """
    is_near = abs(can.frames_per_second - rate) <= NEAR * rate
    return replace(can, frames_per_second=rate) if is_near else can


def pace_of(frames: int, rate: int, can: FamilyCapabilities) -> Pace:
    """Answer how a family makes a clip of `frames` at `rate` frames/s; it comes out as long or a little longer."""
    needed = max(2, math.ceil((frames - 1) * can.frames_per_second / rate) + 1)
    most = (can.frames_max - 1) // can.frames_step * can.frames_step + 1
    if needed <= most:
        return Pace(1, allowed(needed, can), 0, comes_back=False)
    dissolve = max(1, min(round(DISSOLVE_SECONDS * can.frames_per_second), most // 4))
    shared = 1 if can.has_last_frame else dissolve
    segments = math.ceil((needed - shared) / (most - shared))
    each = math.ceil((needed - shared) / segments) + shared
    return Pace(segments, allowed(each, can), shared, comes_back=can.has_last_frame)


def allowed(frames: int, can: FamilyCapabilities) -> int:
    """The smallest number of frames that a family can make and that is not below `frames`."""
    wanted = max(frames, can.frames_min)
    return math.ceil((wanted - 1) / can.frames_step) * can.frames_step + 1


def joined(segments: Iterable[Frames], shared: int) -> Iterator[MatLike]:
    """One stream of frames; of the shared ones the earlier segment fades into the later."""
    tail: Frames | None = None
    for segment in segments:
        begun = 0
        if tail is not None:
            begun = shared
            for number, (before, after) in enumerate(zip(tail, segment[:shared], strict=True), start=1):
                yield cv2.addWeighted(before, 1 - number / (shared + 1), after, number / (shared + 1), 0)
        end = len(segment) - shared
        yield from segment[begun:end]
        tail = segment[end:]
    if tail is not None:
        yield from tail


def retimed(pictures: Iterator[MatLike], *, native: int, rate: int, frames: int) -> Iterator[MatLike]:
    """Answer exactly `frames` pictures at `rate` a second from those at `native` a second."""
    first, second = next(pictures), next(pictures)
    between, at = InBetween(first, second), 0
    for number in range(frames):
        place, rest = divmod(number * native, rate)
        while at < place:
            # After the last one nothing is asked for but itself.
            first, second, at = second, next(pictures, second), at + 1
            between = InBetween(first, second)
        yield between.at(rest / rate)


def fit(picture: MatLike, size: tuple[int, int]) -> MatLike:
    """The picture stretched to (width, height) px; see `moving.sized`."""
    if (picture.shape[1], picture.shape[0]) == size:
        return np.ascontiguousarray(picture)
    is_smaller = size[0] * size[1] < picture.shape[0] * picture.shape[1]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if is_smaller else cv2.INTER_CUBIC)
