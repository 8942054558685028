"""Who is in a picture, as a label map: 0 is background, n the visible pixels of the n-th of the cast.

What finds figures is a port with two adapters: `detector.DetectedFigures`, which looks, and `OrderedFigures`, which
does not: it is the stand-in where no detector is set.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gpu_worker.pipelines.diffusion.family import CastInPicture
from gpu_worker.pipelines.diffusion.regions import box_of

Labels = NDArray[np.uint8]  # (height, width)


class FigureFinder(Protocol):
    """Finds the cast in a picture."""

    @property
    def name(self) -> str:
        """What a take records."""
        ...

    def find(self, picture: Image.Image, cast: Sequence[CastInPicture]) -> Labels:
        """Answer the label map; who cannot be seen has no label, who is not of the cast has a later one."""
        ...


class OrderedFigures:
    """Takes each of the cast to stand in the region that was ordered for it; it never looks at the picture.

    Whoever judges the figures then judges what stands where the character should stand: an absent one scores badly,
    but nobody is reported missing or too many.
    """

    name = "ordered_regions"

    def find(self, picture: Image.Image, cast: Sequence[CastInPicture]) -> Labels:
        """See `FigureFinder.find`; of overlapping regions each keeps the columns nearer to its own middle."""
        labels = np.zeros((picture.height, picture.width), np.uint8)
        nearest = np.full(picture.width, np.inf)
        columns = np.arange(picture.width) / picture.width
        for number, figure in enumerate(cast, start=1):
            left, top, right, bottom = box_of(figure.region, picture.size)
            distance = np.abs(columns - (figure.region[0] + figure.region[2]) / 2)
            is_own = np.zeros(picture.width, bool)
            is_own[left:right] = distance[left:right] < nearest[left:right]
            nearest = np.where(is_own, distance, nearest)
            labels[:, is_own] = 0
            labels[top:bottom, is_own] = number
        return labels


def write_labels(path: Path, labels: Labels) -> int:
    """Write the map and answer how many figures it holds."""
    Image.fromarray(labels).save(path, "PNG")
    return len(set(np.unique(labels).tolist()) - {0})
