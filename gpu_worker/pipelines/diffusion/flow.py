"""Where pictures move to: dense optical flow for frames in between, and for label maps that follow their figures.

Flow by dense inverse search (Kroeger et al., ECCV 2016); frames in between by both flows bent to the moment, as in
Jiang et al., Super SloMo, CVPR 2018, section 3.2.
"""

from functools import cached_property

import cv2
import numpy as np
from cv2.typing import MatLike

SIDE_MAX = 416  # px of the longer side by which flow is found: no worse than by 832, in a quarter of the time


def flow(first: MatLike, second: MatLike) -> MatLike:
    """Answer (height, width, 2), px: what lies at p in `first` lies at p + flow in `second`; both RGB, uint8."""
    height, width = first.shape[:2]
    size = small_size((width, height), SIDE_MAX)
    grey = [
        cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        for picture in (first, second)
    ]
    zero = np.zeros((*grey[0].shape, 2), np.float32)
    found = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(grey[0], grey[1], zero)
    return enlarged(found, (width, height))


def enlarged(offsets: MatLike, size: tuple[int, int]) -> MatLike:
    """Offsets for a picture of (width, height) px from those for a smaller one."""
    scale = np.array([size[0] / offsets.shape[1], size[1] / offsets.shape[0]], np.float32)
    return cv2.resize(offsets, size) * scale


def small_size(size: tuple[int, int], side_max: int) -> tuple[int, int]:
    """Width and height px in about the same aspect, the longer at most `side_max`."""
    scale = min(1.0, side_max / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def taken(picture: MatLike, offsets: MatLike, *, smooth: int = cv2.INTER_LINEAR) -> MatLike:
    """Answer a picture whose every p shows what lies at p + offset in `picture`."""
    height, width = picture.shape[:2]
    across = offsets[..., 0] + np.arange(width, dtype=np.float32)
    down = offsets[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    return cv2.remap(picture, across, down, smooth, borderMode=cv2.BORDER_REPLICATE)


class InBetween:
    """The moments between two frames; their flows are found once."""

    def __init__(self, first: MatLike, second: MatLike) -> None:
        self._first, self._second = first, second

    def at(self, share: float) -> MatLike:
        """The picture after `share` of the time, 0 to 1."""
        if share == 0:
            return self._first
        onward, back = self._flows
        to_first = share * share * back - share * (1 - share) * onward
        to_second = (1 - share) ** 2 * onward - share * (1 - share) * back
        return cv2.addWeighted(taken(self._first, to_first), 1 - share, taken(self._second, to_second), share, 0)

    @cached_property
    def _flows(self) -> tuple[MatLike, MatLike]:
        return flow(self._first, self._second), flow(self._second, self._first)
