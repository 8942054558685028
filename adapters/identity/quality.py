"""Judge whether a picture can teach who a character is: size, light, sharpness, and how many subjects it shows."""

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.identity.cut_out import CutOut
from adapters.identity.pictures import Plane, box_of
from domain.characters.identity import PictureFault, QualityVerdict

# The longer side of the figure, in pixels; below it the embedder sees more enlargement than drawing.
SIDE_PIXELS_MIN = 64
# The figure's 90th percentile of luminance, 0 to 1: black hair and clothes are fine, a figure without any light is not.
LIGHT_MIN = 0.22
# The steepest edges, as the share of the figure's contrast that is crossed within one pixel at 256 pixels a side.
SHARPNESS_MIN = 0.15
SHARPNESS_SIDE_PIXELS = 256
# The second largest part of the cut-out against the largest.
SECOND_PART_MAX = 0.3
# The share of the picture that the figure covers, and how far the cut-out is to be trusted.
COVER_MIN = 0.005
CONFIDENCE_MIN = 0.05


def judge_quality(cut: CutOut) -> tuple[QualityVerdict, ...]:
    """Answer the faults of a cut-out picture, gravest first; none for a good one."""
    cover = float((cut.mask > 127).mean())
    if cover < COVER_MIN:
        return (QualityVerdict(PictureFault.NO_SUBJECT, round(cover, 4), COVER_MIN),)
    if cut.confidence < CONFIDENCE_MIN:
        return (QualityVerdict(PictureFault.NO_SUBJECT, cut.confidence, CONFIDENCE_MIN),)
    top, bottom, left, right = box_of((cut.mask > 127).astype(np.uint8))
    grey = cv2.cvtColor(np.ascontiguousarray(cut.rgba[top:bottom, left:right, :3]), cv2.COLOR_RGB2GRAY)
    figure = cut.mask[top:bottom, left:right].astype(np.uint8)
    side = float(max(figure.shape))
    light = float(np.percentile(grey[figure > 127], 90)) / 255
    sharpness = steepest_edges(grey.astype(np.uint8), figure)
    second = second_part(cut.mask)
    measured = (
        (PictureFault.SEVERAL_SUBJECTS, second, SECOND_PART_MAX, second > SECOND_PART_MAX),
        (PictureFault.TOO_SMALL, side, float(SIDE_PIXELS_MIN), side < SIDE_PIXELS_MIN),
        (PictureFault.TOO_DARK, light, LIGHT_MIN, light < LIGHT_MIN),
        (PictureFault.BLURRED, sharpness, SHARPNESS_MIN, sharpness < SHARPNESS_MIN),
    )
    return tuple(
        QualityVerdict(fault, round(value, 4), limit) for fault, value, limit, is_missed in measured if is_missed
    )


def steepest_edges(grey: Plane, figure: Plane) -> float:
    """Answer the 99th percentile of the gradient inside the figure, against its contrast, a pixel at 256 a side.

    A sharp line crosses the contrast within 2 pixels (0.5), a Gaussian blur of s pixels takes 1 / (s sqrt(2 pi)).
    """
    scale = SHARPNESS_SIDE_PIXELS / max(grey.shape)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR).astype(np.float32)
    inside = cv2.erode(cv2.resize(figure, size), np.ones((5, 5), np.uint8)) > 127
    if inside.sum() < 64:
        return 0.0
    steepness = np.hypot(gradient(small, axis=1), gradient(small, axis=0))[inside]
    low, high = np.percentile(small[inside], (1, 99))
    return float(np.percentile(steepness, 99) / max(high - low, 16.0))


def gradient(plane: NDArray[np.float32], *, axis: int) -> NDArray[np.float32]:
    """Answer central differences along an axis."""
    return np.gradient(plane, axis=axis).astype(np.float32)


def second_part(mask: Plane) -> float:
    """Answer the area of the second largest separate part of a mask against the largest; 0 when it is one piece."""
    solid = (mask > 127).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    sizes = np.sort(stats[1:, cv2.CC_STAT_AREA])
    return float(sizes[-2] / sizes[-1]) if len(sizes) > 1 else 0.0
