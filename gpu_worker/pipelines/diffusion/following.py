"""Label maps of a clip's frames: by a finder that looks at each, or by following the keyframe's own map."""

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np
from cv2.typing import MatLike
from PIL import Image

from gpu_worker.pipelines.diffusion.family import CastInPicture
from gpu_worker.pipelines.diffusion.figures import FigureFinder
from gpu_worker.pipelines.diffusion.flow import enlarged, flow, small_size, taken

SIDE_MAX = 320  # px of the longer side by which figures are followed


class Looking(Protocol):
    """Sees every picture of a clip, in order, and answers the label map of the one seen last."""

    @property
    def name(self) -> str:
        """What a take records."""
        ...

    def see(self, picture: MatLike) -> None: ...

    def labels(self) -> MatLike: ...


class Found:
    """Asks a finder, whatever was seen before."""

    def __init__(self, finder: FigureFinder, cast: Sequence[CastInPicture]) -> None:
        self.name = finder.name
        self._finder = finder
        self._cast = cast
        self._seen: MatLike = np.zeros((1, 1, 3), np.uint8)

    def see(self, picture: MatLike) -> None:
        self._seen = picture

    def labels(self) -> MatLike:
        return self._finder.find(Image.fromarray(self._seen), self._cast)


class Followed:
    """Carries the keyframe's map along the flow from frame to frame.

    A clip may come back to its keyframe, where the sum of many small flows has strayed: of that sum and the flow from
    the keyframe at once, the one is taken by which the keyframe looks more like the picture.
    """

    name = "keyframe_followed"

    def __init__(self, labels: MatLike, keyframe: MatLike) -> None:
        height, width = labels.shape
        self._size = small_size((width, height), SIDE_MAX)
        self._labels = labels
        self._keyframe = self._seen = self._small(keyframe)
        self._offsets = np.zeros((self._size[1], self._size[0], 2), np.float32)

    def see(self, picture: MatLike) -> None:
        now = self._small(picture)
        step = flow(now, self._seen)
        self._offsets = step + taken(self._offsets, step)
        self._seen = now

    def labels(self) -> MatLike:
        at_once = flow(self._seen, self._keyframe)
        offsets = min((self._offsets, at_once), key=self._unlike)
        height, width = self._labels.shape
        return taken(self._labels, enlarged(offsets, (width, height)), smooth=cv2.INTER_NEAREST)

    def _unlike(self, offsets: MatLike) -> float:
        return float(np.mean(cv2.absdiff(taken(self._keyframe, offsets), self._seen)))

    def _small(self, picture: MatLike) -> MatLike:
        return cv2.resize(picture, self._size, interpolation=cv2.INTER_AREA)
