"""Cut-outs of the cast: read, cleaned at the edges, measured (head, bust or whole, facing), enlarged without jaggies.

Arrays are float32 premultiplied RGBA, 0 to 1, (height, width, 4).
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from gpu_worker.pipelines.animatic.composition import HEADS_TALL

SOLID = 0.97
BUST_SHARE = 0.36  # a flat cut at least this wide, of the widest row, is a bust's
TALL = 2.0  # the least height against width of a figure from head to foot; the cast's narrowest bust has 1.64


@dataclass(frozen=True, slots=True)
class CutOut:
    """One picture of a character without its background, cropped to it."""

    rgba: MatLike
    is_bust: bool
    is_whole: bool  # a figure from head to foot
    # Left and right end of the cut at a bust's foot, shares of the width.
    cut: tuple[float, float]
    head_share: float  # of the height
    facing: int
    flaws: int  # clipped at the top or a side, or a cut that hangs askew

    @property
    def aspect(self) -> float:
        """Width over height."""
        return float(self.rgba.shape[1] / self.rgba.shape[0])

    @property
    def is_head(self) -> bool:
        """A head alone, which nods on the body that is painted for it."""
        return not (self.is_bust or self.is_whole)

    def mirrored(self) -> "CutOut":
        """The same looking the other way."""
        left, right = self.cut
        flipped = np.ascontiguousarray(self.rgba[:, ::-1])
        return replace(self, rgba=flipped, cut=(1 - right, 1 - left), facing=-self.facing)

    def above(self, share: float) -> "CutOut":
        """Its uppermost `share` of the height; itself where that is all of it."""
        rows = max(1, math.ceil(share * self.rgba.shape[0]))
        if rows >= self.rgba.shape[0]:
            return self
        return replace(self, rgba=self.rgba[:rows], head_share=self.head_share * self.rgba.shape[0] / rows)


def read_cut_out(path: Path) -> CutOut:
    """Read and measure; raises ValueError when the file is no picture with a figure on a transparent ground."""
    pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError(f"{path.name} is not a picture that can be read.")
    if pixels.ndim != 3 or pixels.shape[2] != 4:
        raise ValueError(f"{path.name} has no transparent background.")
    scale = 255.0 if pixels.dtype == np.uint8 else 65535.0
    rgba = cv2.cvtColor(pixels.astype(np.float32) / np.float32(scale), cv2.COLOR_BGRA2RGBA)
    solid = rgba[..., 3] > 0.5
    if solid.sum() < 64:
        raise ValueError(f"{path.name} shows no figure: it is all transparent.")
    return _measured(_cleaned(rgba), solid)


def _cleaned(rgba: MatLike) -> MatLike:
    """Premultiplied, the colour of half-transparent edges taken from the solid inside so that no old ground shows."""
    alpha = rgba[..., 3]
    core = (alpha >= SOLID).astype(np.float32)
    spread = cv2.GaussianBlur(core, (0, 0), 1.6)
    inside = cv2.GaussianBlur(rgba[..., :3] * core[..., None], (0, 0), 1.6) / np.maximum(spread, 1e-4)[..., None]
    usable = ((alpha < SOLID) & (spread > 0.02))[..., None]
    colours = np.where(usable, inside, rgba[..., :3])
    return np.dstack([colours * alpha[..., None], alpha]).astype(np.float32)


def _measured(rgba: MatLike, solid: NDArray[np.bool]) -> CutOut:
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    height = solid.shape[0]
    clipped = [
        solid[0].mean() > 0.06,
        solid[: height * 2 // 3, 0].mean() > 0.05,
        solid[: height * 2 // 3, -1].mean() > 0.05,
    ]
    inner = solid[top:bottom, left:right]
    foot = np.flatnonzero(inner[-2:].any(0))
    widest = float(inner.sum(1).max())
    is_whole = inner.shape[0] >= TALL * inner.shape[1]
    is_bust = not is_whole and foot.size >= BUST_SHARE * widest
    cut = (float(foot[0]) / inner.shape[1], float(foot[-1] + 1) / inner.shape[1]) if foot.size else (0.4, 0.6)
    is_askew = is_bust and abs((cut[0] + cut[1]) / 2 - 0.5) > 0.2
    cropped = np.ascontiguousarray(rgba[top:bottom, left:right])
    return CutOut(
        rgba=cropped,
        is_bust=bool(is_bust),
        is_whole=is_whole,
        cut=cut,
        head_share=1 / HEADS_TALL if is_whole else 0.80 if is_bust else 1.0,
        # In the middle of a whole figure there is no face: what it holds there does not tell which way it looks.
        facing=0 if is_whole else _facing(cropped),
        flaws=sum(bool(flag) for flag in clipped) + int(is_askew),
    )


def _facing(rgba: MatLike) -> int:
    """Which way the face looks: its features (fine detail inside the outline) lie to that side of the head's middle."""
    alpha = rgba[..., 3]
    height, width = alpha.shape
    grey = cv2.GaussianBlur(rgba[..., :3].mean(2), (0, 0), 1.0)
    detail = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    margin = max(3, round(0.06 * width)) | 1
    inside = cv2.erode((alpha > SOLID).astype(np.uint8), np.ones((margin, margin), np.uint8))
    band = slice(int(0.34 * height), int(0.72 * height))
    weights = (detail * inside)[band].sum(0)
    solid = (alpha[band] > 0.5).sum(0)
    if weights.sum() <= 0 or solid.sum() <= 0:
        return 0
    along = np.arange(width) / width
    offset = float((along * weights).sum() / weights.sum() - (along * solid).sum() / solid.sum())
    return 0 if abs(offset) < 0.028 else (1 if offset > 0 else -1)


def enlarged(rgba: MatLike, size: tuple[int, int]) -> MatLike:
    """Resized to (width, height) px: by area when smaller, else doubled step by step with edges kept crisp."""
    width, height = size
    if rgba.shape[0] * 1.3 < height:
        # The source's own steps would be enlarged with it: a touch of blur first, sharpened away below.
        rgba = cv2.GaussianBlur(rgba, (0, 0), 0.62)
    while rgba.shape[0] * 1.5 < height:
        doubled = cv2.resize(rgba, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        rgba = _crisp(np.clip(doubled, 0, 1))
    shrinks = rgba.shape[0] > height
    rgba = cv2.resize(rgba, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    rgba = np.clip(rgba, 0, 1)
    rgba[..., :3] = np.minimum(rgba[..., :3], rgba[..., 3:4])
    return rgba


def _crisp(rgba: MatLike) -> MatLike:
    """Sharpen, kept between the darkest and lightest neighbour so that no halo appears."""
    kernel = np.ones((3, 3), np.uint8)
    sharp = rgba + 1.5 * (rgba - cv2.GaussianBlur(rgba, (0, 0), 1.7))
    return np.clip(sharp, cv2.erode(rgba, kernel), cv2.dilate(rgba, kernel)).astype(np.float32)
