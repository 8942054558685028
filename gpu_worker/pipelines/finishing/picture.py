"""Frames and sprites as the encoder wants them: BT.709 video-range luma with half-size chroma, composed by OpenCV.

A sprite is premultiplied: what it adds (`luma`, `chroma`) and what it lets through (`hole`, `chroma_hole`, 255 being
everything). Composing is then one saturating multiply and one add a plane.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

# Rows: Y, Cb, Cr of premultiplied R, G, B, A in 0..255 (ITU-R BT.709, video range).
TO_YUV = np.array(
    [
        [0.18259, 0.61423, 0.06201, 16 / 255],
        [-0.10064, -0.33857, 0.43922, 128 / 255],
        [0.43922, -0.39894, -0.04027, 128 / 255],
    ],
    np.float32,
)
TO_RGB = np.linalg.inv(TO_YUV[:, :3].astype(np.float64)).astype(np.float32)
IDENTITY = np.array([[1, 0, 0], [0, 1, 0]], np.float64)


@dataclass(slots=True)
class Frame:
    """One picture: luma (height, width) and chroma (height/2, width/2, 2), uint8."""

    luma: MatLike
    chroma: MatLike

    @property
    def size(self) -> tuple[int, int]:
        """Width and height px."""
        return self.luma.shape[1], self.luma.shape[0]

    def copy(self) -> "Frame":
        """A frame of its own."""
        return Frame(self.luma.copy(), self.chroma.copy())


@dataclass(frozen=True, slots=True)
class Sprite:
    """A picture with holes, lying at `origin` (even px) in the plane of its layer."""

    luma: MatLike
    chroma: MatLike
    hole: MatLike | None  # None: opaque all over
    chroma_hole: MatLike | None
    origin: tuple[int, int] = (0, 0)
    # Luma row of the sprite below which it is opaque all across; past the end when there is none.
    opaque_from: int = 1 << 30

    @property
    def size(self) -> tuple[int, int]:
        """Width and height px."""
        return self.luma.shape[1], self.luma.shape[0]


def blank(size: tuple[int, int]) -> Frame:
    """A black frame of (width, height) px."""
    width, height = size
    return Frame(np.full((height, width), 16, np.uint8), np.full((height // 2, width // 2, 2), 128, np.uint8))


def sprite_of(rgba: MatLike, origin: tuple[int, int] = (0, 0)) -> Sprite:
    """From premultiplied RGBA, uint8, (height, width, 4); odd sides are padded by a transparent pixel."""
    pad = (rgba.shape[0] % 2, rgba.shape[1] % 2)
    if any(pad):
        rgba = cv2.copyMakeBorder(rgba, 0, pad[0], 0, pad[1], cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
    yuv = cv2.transform(rgba, TO_YUV)
    height, width = rgba.shape[:2]
    half = (width // 2, height // 2)
    chroma = cv2.resize(yuv[..., 1:], half, interpolation=cv2.INTER_AREA)
    hole = 255 - rgba[..., 3]
    if not hole.any():
        return Sprite(np.ascontiguousarray(yuv[..., 0]), chroma, None, None, origin, 0)
    chroma_hole = cv2.resize(hole, half, interpolation=cv2.INTER_AREA)
    covered = np.flatnonzero(hole.max(1) > 0)
    opaque_from = int(covered[-1]) + 1 if covered.size and covered[-1] + 1 < height else 1 << 30
    return Sprite(
        np.ascontiguousarray(yuv[..., 0]), chroma, hole, cv2.merge([chroma_hole, chroma_hole]), origin, opaque_from
    )


def frame_of(rgb: MatLike) -> Frame:
    """From RGB, uint8, (height, width, 3) with even sides."""
    sprite = sprite_of(cv2.cvtColor(rgb, cv2.COLOR_RGB2RGBA))
    return Frame(sprite.luma, sprite.chroma)


def rgb_of(frame: Frame) -> MatLike:
    """The frame as RGB, uint8, (height, width, 3)."""
    width, height = frame.size
    chroma = cv2.resize(frame.chroma, (width, height), interpolation=cv2.INTER_LINEAR)
    yuv = np.dstack([frame.luma, chroma]).astype(np.float32) - np.array([16, 128, 128], np.float32)
    return np.clip(np.round(cv2.transform(yuv, TO_RGB)), 0, 255).astype(np.uint8)


def draw(
    frame: Frame,
    sprite: Sprite,
    matrix: MatLike,
    *,
    smooth: int = cv2.INTER_LINEAR,
    rows: tuple[int, int] | None = None,
    opacity: float = 1.0,
) -> None:
    """Compose the sprite over the frame, `matrix` (2x3) taking its layer's pixels to the frame's."""
    placed = matrix.copy()
    placed[:, 2] += placed[:, :2] @ np.array(sprite.origin, np.float64)
    area = _area(sprite, placed, frame.size, rows)
    if area is None:
        return
    left, top, right, bottom = area
    placed[:, 2] -= (left, top)
    luma = frame.luma[top:bottom, left:right]
    _compose(luma, sprite.luma, sprite.hole, (placed, smooth, opacity))
    half = placed.copy()
    half[:, 2] = (placed[:, 2] + 0.5 * placed[:, :2].sum(1) - 0.5) / 2
    chroma = frame.chroma[top // 2 : bottom // 2, left // 2 : right // 2]
    _compose(chroma, sprite.chroma, sprite.chroma_hole, (half, cv2.INTER_LINEAR, opacity))


def _compose(target: MatLike, added: MatLike, hole: MatLike | None, how: tuple[MatLike, int, float]) -> None:
    matrix, smooth, opacity = how
    size = (target.shape[1], target.shape[0])
    if hole is None:
        target[:] = cv2.warpAffine(added, matrix, size, flags=smooth, borderMode=cv2.BORDER_REPLICATE)
        return
    if np.array_equal(matrix, IDENTITY) and added.shape == target.shape:
        warped, through = added, hole
    else:
        warped = cv2.warpAffine(added, matrix, size, flags=smooth, borderMode=cv2.BORDER_CONSTANT)
        full = (255, 255, 255, 255)
        through = cv2.warpAffine(hole, matrix, size, flags=smooth, borderMode=cv2.BORDER_CONSTANT, borderValue=full)
    if opacity < 1:
        warped = cv2.convertScaleAbs(warped, alpha=opacity)
        through = cv2.convertScaleAbs(through, alpha=opacity, beta=255 * (1 - opacity))
    target[:] = cv2.add(cv2.multiply(target, through, scale=1 / 255), warped)


def _area(
    sprite: Sprite, placed: MatLike, size: tuple[int, int], rows: tuple[int, int] | None
) -> tuple[int, int, int, int] | None:
    """The even-sided part of the frame that the sprite can touch: left, top, right, bottom."""
    width, height = sprite.size
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64) @ placed.T
    low, high = np.floor(corners.min(0)) - 1, np.ceil(corners.max(0)) + 1
    first, last = rows or (0, size[1])
    left, top = max(0, int(low[0]) & ~1), max(first & ~1, int(low[1]) & ~1)
    right, bottom = min(size[0], (int(high[0]) + 1) & ~1), min((last + 1) & ~1, (int(high[1]) + 1) & ~1)
    return (left, top, right, bottom) if right > left and bottom > top else None
