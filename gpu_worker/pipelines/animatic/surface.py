"""A layer being painted: premultiplied RGBA in float32, addressed in world units (the picture's height is 1)."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.random import Generator

from gpu_worker.pipelines.animatic.light import Colour
from gpu_worker.pipelines.animatic.shapes import Points

SHIFT = 4  # fillPoly takes fixed-point corners: sixteenths of a pixel


@dataclass(frozen=True, slots=True)
class Paint:
    """Colour from `top` at world height `start` to `bottom` at `end`."""

    top: Colour
    bottom: Colour
    start: float = 0.0
    end: float = 1.0


def plain(colour: Colour) -> Paint:
    """One colour."""
    return Paint(colour, colour)


def brush_texture(rng: Generator, height: int, width: int) -> MatLike:
    """Gouache on paper: uneven washes, slanting strokes over them and grain; mean 0, about -1 to 1; (height, width)."""
    total = np.zeros((height, width), np.float32)
    for down, across, weight in ((8, 6, 0.42), (64, 22, 0.16), (210, 80, 0.15)):
        noise = rng.standard_normal((down, max(4, round(across * width / height)))).astype(np.float32)
        total += weight * cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    tilted = cv2.getRotationMatrix2D((width / 2, height / 2), -14, 1.25)
    turned = cv2.warpAffine(total, tilted, (width, height), borderMode=cv2.BORDER_REFLECT)
    grain = rng.standard_normal((height // 2 + 1, width // 2 + 1)).astype(np.float32)
    turned += 0.16 * cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(turned, -1.4, 1.4)


class Surface:
    """What one layer of a scene is painted on."""

    def __init__(self, size: tuple[int, int], *, depth: float, strokes: float = 0.06) -> None:
        self.width, self.height = size
        self.depth = depth
        self.strokes = strokes  # how much the brush shows when the layer is finished
        self.rgba: MatLike = np.zeros((self.height, self.width, 4), np.float32)

    @property
    def aspect(self) -> float:
        """The width in world units."""
        return self.width / self.height

    def fill(self, outline: Points, paint: Paint, *, opacity: float = 1.0, soft: float = 0.0) -> None:
        """Lay paint over the inside of an outline; `soft` is the blur of its edge in world units."""
        self.fill_many([outline], paint, opacity=opacity, soft=soft)

    def fill_many(self, outlines: Sequence[Points], paint: Paint, *, opacity: float = 1.0, soft: float = 0.0) -> None:
        """The same for many outlines in one coat: where they overlap they do not add up."""
        found = self._mask(outlines, soft)
        if found is not None:
            mask, left, top = found
            self.glaze(mask, paint, (left, top), opacity=opacity)

    def glaze(self, mask: MatLike, paint: Paint, corner: tuple[int, int], *, opacity: float = 1.0) -> None:
        """Lay paint through a mask (float, 0 to 1) whose top left pixel is at `corner`."""
        left, top = corner
        rows, columns = mask.shape[:2]
        target = self.rgba[top : top + rows, left : left + columns]
        cover = mask * np.float32(opacity)
        coat = self._coat(paint, top, (rows, columns))
        target[:] = cv2.blendLinear(np.ascontiguousarray(target), coat, 1.0 - cover, cover)

    def glow(self, centre: tuple[float, float], radius: float, colour: Colour, strength: float) -> None:
        """Add light that falls off like a bell from `centre`; only where something is painted."""
        across = (np.arange(self.width, dtype=np.float32) / self.height - centre[0]) / radius
        down = (np.arange(self.height, dtype=np.float32) / self.height - centre[1]) / radius
        rows, columns = self._within(down), self._within(across)
        bell = np.exp(-(down[rows] ** 2))[:, None] * np.exp(-(across[columns] ** 2))[None, :] * strength
        target = self.rgba[rows, columns]
        for channel in range(3):
            plane = target[..., channel]
            # Screen blending: light never burns out to a hard disc.
            plane += bell * colour[channel] * np.maximum(target[..., 3] - plane, 0)

    def stroke(self, points: Points, paint: Paint, width: float, *, opacity: float = 1.0, soft: float = 0.0) -> None:
        """A line of even width along the points."""
        direction = np.gradient(points, axis=0)
        normal = np.stack([-direction[:, 1], direction[:, 0]], 1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
        half = normal * width / 2
        self.fill(np.vstack([points + half, (points - half)[::-1]]), paint, opacity=opacity, soft=soft)

    def wash(self, paint: Paint) -> None:
        """Paint everything."""
        self.rgba[:] = self._coat(paint, 0, (self.height, self.width))

    def haze(self, colour: Colour, start: float, end: float, strength: float) -> None:
        """Mist that thickens from world height `start` to `end`, over what is painted there."""
        along = (np.arange(self.height, dtype=np.float32) / self.height - start) / (end - start)
        share = (np.clip(along, 0, 1) * strength)[:, None, None]
        coverage = self.rgba[..., 3:4]
        target = np.array(colour, np.float32)[None, None, :] * coverage
        self.rgba[..., :3] += (target - self.rgba[..., :3]) * share

    @staticmethod
    def _within(distance: MatLike) -> slice:
        inside = np.flatnonzero(np.abs(distance) < 2.4)
        return slice(int(inside[0]), int(inside[-1]) + 1) if inside.size else slice(0, 0)

    def _mask(self, outlines: Sequence[Points], soft: float) -> tuple[MatLike, int, int] | None:
        if not outlines:
            return None
        pad = 2 + int(soft * self.height * 2.5)
        pixels = [np.asarray(outline, np.float64) * self.height for outline in outlines]
        low = np.min([points.min(0) for points in pixels], 0)
        high = np.max([points.max(0) for points in pixels], 0)
        left, top = max(0, int(low[0]) - pad), max(0, int(low[1]) - pad)
        right, bottom = min(self.width, int(high[0]) + pad + 2), min(self.height, int(high[1]) + pad + 2)
        if right <= left or bottom <= top:
            return None
        mask = np.zeros((bottom - top, right - left), np.uint8)
        for points in pixels:
            corners = np.round((points - (left, top)) * (1 << SHIFT)).astype(np.int32)
            cv2.fillPoly(mask, [corners], (255,), lineType=cv2.LINE_AA, shift=SHIFT)
        if soft > 0:
            mask = cv2.GaussianBlur(mask, (0, 0), max(soft * self.height, 0.3))
        return mask.astype(np.float32) / np.float32(255), left, top

    def _coat(self, paint: Paint, top: int, shape: tuple[int, int]) -> MatLike:
        rows, columns = shape
        heights = (np.arange(top, top + rows, dtype=np.float32) / self.height - paint.start) / (paint.end - paint.start)
        share = np.clip(heights, 0, 1)[:, None]
        tops, bottoms = np.array(paint.top, np.float32), np.array(paint.bottom, np.float32)
        column = tops + (bottoms - tops) * share
        coat = np.empty((rows, columns, 4), np.float32)
        coat[..., :3] = column[:, None, :]
        coat[..., 3] = 1.0
        return coat


def gradient_stops(stops: tuple[tuple[float, Colour], ...], count: int) -> MatLike:
    """A column of `count` colours through the stops, eased so that no band shows."""
    along = np.linspace(0, 1, count)
    at = [stop for stop, _ in stops]
    smooth = np.stack([np.interp(along, at, [colour[channel] for _, colour in stops]) for channel in range(3)], 1)
    return cv2.GaussianBlur(smooth.astype(np.float32)[:, None, :], (1, 2 * (count // 12) + 1), 0)[:, 0, :]
