"""Take the figures that a label map marks out of a frame, ready to be embedded."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from adapters.identity.pictures import Picture, Plane, box_of
from contracts.figures import AREA_PIXELS_MIN, SIDE_PIXELS_MIN
from domain.errors import Invalid


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a frame: its number in the label map, its RGBA crop, and the frame of its clip."""

    number: int
    rgba: Picture
    frame: int = 0


def figures_in(frame: Picture, labels: Plane, *, at: int = 0) -> list[Figure]:
    """Answer the figures of a frame by number; raises Invalid when map and frame are not of one size."""
    if frame.shape[:2] != labels.shape:
        raise Invalid(f"A label map of {labels.shape} does not fit a frame of {frame.shape[:2]}.")
    numbers = np.flatnonzero(np.bincount(labels.ravel(), minlength=2)[1:] >= AREA_PIXELS_MIN) + 1
    found = (replace(figure_of(frame, labels, int(number)), frame=at) for number in numbers)
    return [figure for figure in found if max(figure.rgba.shape[:2]) >= SIDE_PIXELS_MIN]


def figure_of(frame: Picture, labels: Plane, number: int) -> Figure:
    """Answer one figure's crop, its edge softened by half a pixel as drawn edges are."""
    mask = (labels == number).astype(np.uint8) * 255
    top, bottom, left, right = box_of(mask)
    crop = mask[top:bottom, left:right]
    soft = np.minimum(cv2.GaussianBlur(crop, (3, 3), 0.6, borderType=cv2.BORDER_REPLICATE), crop)
    return Figure(number, np.dstack([frame[top:bottom, left:right, :3], soft]).astype(np.uint8))
