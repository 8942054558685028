"""Measure from which view a cut-out shows its figure: how much of it is seen by its outline, facing by its face.

The head is the first wide part from the top down: the largest circle that fits in there. How many such circles the
figure is high tells its framing, as painters count heads. Which way a face looks is told by where its features lie in
the head, and that it looks ahead by how nearly they mirror themselves. Bounds were set on drawings of many styles;
`python -m bench.views` measures what they are worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.identity.cut_out import CutOut
from adapters.identity.pictures import Picture, Plane, box_of
from adapters.identity.quality import SECOND_PART_MAX, second_part
from domain.characters.views import Facing, Framing, View

# Below this trust in the cut-out its outline is not to be read.
CONFIDENCE_MIN = 0.3
OUTLINE_SIDE_PIXELS = 192
# A foot as wide as this share of the widest row is a cut through a body rather than legs, a chin or hair.
CUT_SHARE = 0.6
# Height against width: of a figure seen from head to foot, whatever its head; the most of one that is cut at its waist
# or above; the least of one that stands, since what lies or walks on four legs need not have its head at the top.
TALL, UPPER_HALF, LOW = 2.0, 1.65, 0.75
# Heights in heads up to which a figure is a head (without and with a cut below) and a bust, and from which legs show.
HEAD_HEIGHTS, CUT_HEAD_HEIGHTS, BUST_HEIGHTS, FULL_HEIGHTS = 1.7, 1.3, 2.4, 3.6
# The circle shrinks to this share of the head at a neck.
NECK_SHARE = 0.8
# The least radius of a head, of the figure's height, where all of it may be seen and where its upper half is: knots of
# hair are smaller.
RADIUS_MIN, UPPER_HALF_RADIUS_MIN = 0.06, 0.095

FACE_SIDE_PIXELS = 96
# The face's crop against the head's circle, and the rows of it in which eyes, nose and mouth lie.
FACE_REACH = 1.25
FEATURE_ROWS = slice(34, 78)
# The head's radius in pixels of the picture below which its features are not to be told apart.
FACE_RADIUS_MIN_PIXELS = 12.0
TILTS_DEGREES = range(-20, 21, 4)
# Features mirrored at their own middle correlate by this at least where the face looks ahead, and lie this far off the
# head's middle, in radii, where it does not.
AHEAD_LIKENESS = 0.9
ASIDE_OFFSET = 0.06

Map = NDArray[np.float32]


class Head(NamedTuple):
    """The head's circle, in pixels of the plane that it was found in."""

    row: float
    column: float
    radius: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A figure's outline, trimmed and at most OUTLINE_SIDE_PIXELS large, and how it lies in its picture."""

    solid: Plane  # 0 or 1
    corner: tuple[int, int]  # of the figure's box in the picture: row, column
    scale: float  # from picture to outline

    @property
    def tallness(self) -> float:
        """Height against width."""
        return self.solid.shape[0] / self.solid.shape[1]

    @property
    def is_cut(self) -> bool:
        """Whether the figure ends below in a cut through its body."""
        return bool(self.solid[-3:].any(axis=0).sum() >= CUT_SHARE * self.solid.sum(axis=1).max())

    @property
    def is_upper_half(self) -> bool:
        """Whether no more than the upper half of the figure can be seen."""
        return self.is_cut and self.tallness < UPPER_HALF


def view_of(cut: CutOut) -> View:
    """Answer the view of a cut-out; what cannot be told is None. The same cut-out gives the same answer."""
    if cut.confidence < CONFIDENCE_MIN or second_part(cut.mask) > SECOND_PART_MAX:
        return View()
    outline = outline_of(cut.mask)
    if outline is None:
        return View()
    head = head_of(outline)
    framing = framing_of(outline, head)
    return View(framing, facing_of(*face_of(cut, outline, head)) if has_face(framing, outline, head) else None)


def outline_of(mask: Plane) -> Outline | None:
    """Answer the outline of the largest part of a mask; None when there is none."""
    count, areas, stats, _ = cv2.connectedComponentsWithStats((mask > 127).astype(np.uint8), connectivity=8)
    if count < 2:
        return None
    largest = (areas == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    top, bottom, left, right = box_of(largest)
    scale = OUTLINE_SIDE_PIXELS / max(bottom - top, right - left)
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    small = cv2.resize(largest[top:bottom, left:right] * 255, size, interpolation=cv2.INTER_AREA)
    return Outline((small > 127).astype(np.uint8), (top, left), scale)


def head_of(outline: Outline) -> Head:
    """Answer the largest circle in the figure above its neck, or in all of it where it has none."""
    depth = depth_of(outline)
    least = (UPPER_HALF_RADIUS_MIN if outline.is_upper_half else RADIUS_MIN) * len(depth)
    radius, row = 0.0, 0
    for at, widest in enumerate(depth.max(axis=1).tolist()):
        if widest > radius:
            radius, row = widest, at
        elif radius > least and widest < NECK_SHARE * radius:
            break
    return Head(row, float(np.flatnonzero(depth[row] >= 0.97 * radius).mean()), max(radius, 1.0))


def depth_of(outline: Outline) -> Map:
    """Answer how far inside the figure each pixel lies; below a cut the body is thought to go on."""
    height, width = outline.solid.shape
    room = max(height, width)
    wide = np.pad(outline.solid, ((1, room), (1, 1)))
    if outline.is_cut:
        wide[1 + height :, 1 : 1 + width] = outline.solid[-1]
    return cv2.distanceTransform(wide, cv2.DIST_L2, 5)[1 : 1 + height, 1 : 1 + width].astype(np.float32)


def framing_of(outline: Outline, head: Head) -> Framing | None:
    """Answer how much of the figure is seen; None where its outline is neither a head's nor a standing figure's."""
    heads = outline.solid.shape[0] / (2 * head.radius)
    if outline.tallness < LOW:
        return None
    if outline.tallness >= TALL or (heads >= FULL_HEIGHTS and not outline.is_upper_half):
        return Framing.FULL
    if outline.is_cut:
        bounds = ((CUT_HEAD_HEIGHTS, Framing.HEAD), (BUST_HEIGHTS, Framing.BUST))
        return next((framing for bound, framing in bounds if heads < bound), Framing.HALF)
    return Framing.HEAD if heads < HEAD_HEIGHTS else None


def has_face(framing: Framing | None, outline: Outline, head: Head) -> bool:
    """Whether there is a head, large enough in the picture for its features to be seen."""
    return framing is not None and head.radius / outline.scale >= FACE_RADIUS_MIN_PIXELS


def face_of(cut: CutOut, outline: Outline, head: Head) -> tuple[Picture, Plane]:
    """Answer the head's square of the picture, FACE_SIDE_PIXELS large, and its mask (0 or 1)."""
    zoom = FACE_SIDE_PIXELS / 2 / (FACE_REACH * head.radius / outline.scale)
    row, column = (corner + at / outline.scale for corner, at in zip(outline.corner, head[:2], strict=True))
    middle = FACE_SIDE_PIXELS / 2
    way = np.array([[zoom, 0, middle - zoom * column], [0, zoom, middle - zoom * row]], np.float64)
    size = (FACE_SIDE_PIXELS, FACE_SIDE_PIXELS)
    # Averaged before it shrinks, since a warp only looks at neighbours.
    spread = 0.4 / zoom
    colours = cv2.GaussianBlur(cut.rgba[..., :3], (0, 0), spread) if zoom < 1 else cut.rgba[..., :3]
    face = cv2.warpAffine(np.ascontiguousarray(colours), way, size, borderValue=(255, 255, 255))
    mask = cv2.warpAffine(cut.mask, way, size)
    return face.astype(np.uint8), (mask > 127).astype(np.uint8)


def facing_of(face: Picture, mask: Plane) -> Facing | None:
    """Answer which way a face looks; None where its features say neither or both of ahead and aside."""
    features = features_of(face, mask)
    is_ahead = any(likeness_to_mirror(features, tilt) >= AHEAD_LIKENESS for tilt in TILTS_DEGREES)
    side = side_of([offset_of(feature, mask) for feature in features])
    if is_ahead:
        return Facing.FRONT if side is None else None
    return side


def side_of(offsets: Sequence[float]) -> Facing | None:
    """Answer the side on which all features lie; None where they do not agree on one."""
    if min(offsets) > ASIDE_OFFSET:
        return Facing.RIGHT
    return Facing.LEFT if max(offsets) < -ASIDE_OFFSET else None


def features_of(face: Picture, mask: Plane) -> tuple[Map, Map]:
    """Answer how much each pixel is of a line, and of a small dark or light mark; nothing along the head's edge."""
    grey = cv2.GaussianBlur(face.mean(axis=2).astype(np.float32), (0, 0), 1.0)
    lines = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    light = cv2.cvtColor(face, cv2.COLOR_RGB2LAB)[..., 0]
    mark = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (21, 21))
    dark_marks = cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, mark)
    light_marks = cv2.morphologyEx(light, cv2.MORPH_TOPHAT, mark)
    inside = cv2.erode(mask, np.ones((9, 9), np.uint8))
    return (lines * inside).astype(np.float32), (np.maximum(dark_marks, light_marks) * inside).astype(np.float32)


def likeness_to_mirror(features: tuple[Map, Map], tilt: int) -> float:
    """Answer the correlation of a face, turned by `tilt` degrees, with its mirror image; 1 is the same."""
    middle = (FACE_SIDE_PIXELS - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), tilt, 1)
    return sum(mirrored(cv2.warpAffine(each, turn, each.shape).astype(np.float32)) for each in features) / 2


def mirrored(feature: Map) -> float:
    """Answer the correlation of the rows of features with themselves mirrored at their middle; 0 when empty."""
    rows = cv2.GaussianBlur(feature[FEATURE_ROWS], (0, 0), 2.5)
    columns = rows.sum(axis=0)
    if columns.sum() <= 0:
        return 0.0
    middle = float((columns * np.arange(FACE_SIDE_PIXELS)).sum() / columns.sum())
    flip = np.array([[-1, 0, 2 * middle], [0, 1, 0]], np.float64)
    other = cv2.warpAffine(rows, flip, (rows.shape[1], rows.shape[0]))
    return float((rows * other).sum() / max(np.sqrt((rows * rows).sum() * (other * other).sum()), 1e-6))


def offset_of(feature: Map, mask: Plane) -> float:
    """Answer how far right of the head's middle its features lie, in radii of the head; 0 when there are none."""
    features, solid = feature[FEATURE_ROWS].sum(axis=0), mask[FEATURE_ROWS].sum(axis=0)
    if features.sum() <= 0 or solid.sum() <= 0:
        return 0.0
    across = np.arange(FACE_SIDE_PIXELS) / (FACE_SIDE_PIXELS / 2 / FACE_REACH)
    return float((across * features).sum() / features.sum() - (across * solid).sum() / solid.sum())
