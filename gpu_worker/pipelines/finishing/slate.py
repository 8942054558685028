"""The clapper before a shot: a board with production, shot and take whose stick falls shut."""

from collections.abc import Callable

import cv2
import numpy as np
from cv2.typing import MatLike

from contracts.commands import Slate
from gpu_worker.pipelines.finishing.captions import broken, pieces, shortened
from gpu_worker.pipelines.finishing.colours import Colour, hexed
from gpu_worker.pipelines.finishing.lettering import BOLD, Lettering, printable
from gpu_worker.pipelines.finishing.picture import IDENTITY, Frame, draw, sprite_of

BOARD, STRIPE, CHALK = hexed("24272c"), hexed("f2efe6"), hexed("f4f1e8")


class Clapper:
    """The board drawn once; the stick turns as the shot begins."""

    def __init__(self, slate: Slate, frame: tuple[int, int]) -> None:
        width = round(min(0.62 * frame[0], 0.92 * frame[1])) & ~1
        height = round(width * 0.58) & ~1
        self._stick_height = round(width * 0.105)
        left, top = ((frame[0] - width) // 2) & ~1, ((frame[1] - height) // 2 + self._stick_height // 2) & ~1
        self._board = sprite_of(_board(slate, (width, height)), (left, top))
        # A clear margin: a sprite opaque to its edge would be taken to go on beyond it.
        stick = cv2.copyMakeBorder(
            _stick(width, self._stick_height), 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)
        )
        self._stick = sprite_of(stick, (left - 4, (top - self._stick_height - 4) & ~1))
        self._hinge = (left + 0.02 * width, float(top))

    def draw(self, frame: Frame, share: float) -> None:
        """As it looks after `share` of its time: open, falling shut, then fading."""
        opacity = min(1.0, (1 - share) / 0.18)
        shut = min(1.0, max(0.0, (share - 0.35) / 0.13)) ** 2
        angle = -0.36 * (1 - shut)
        cos, sin = np.cos(angle), np.sin(angle)
        turn = np.array([[cos, -sin], [sin, cos]])
        hinge = np.array(self._hinge)
        swung = np.hstack([turn, (hinge - turn @ hinge)[:, None]])
        cv2.convertScaleAbs(frame.luma, dst=frame.luma, alpha=1 - 0.45 * opacity, beta=16 * 0.45 * opacity)
        draw(frame, self._board, IDENTITY, opacity=opacity)
        draw(frame, self._stick, swung, smooth=cv2.INTER_CUBIC, opacity=opacity)


def title_lines(title: str, limit: float, width: Callable[[str], float]) -> list[str]:
    """At most two lines; an ellipsis says that there is more."""
    lines = broken(pieces(title), limit, width)
    if len(lines) <= 2:
        return lines
    return [lines[0], shortened(title[len(lines[0]) :].lstrip(), limit, width)]


def _board(slate: Slate, size: tuple[int, int]) -> MatLike:
    width, height = size
    rgba = np.zeros((height, width, 4), np.float32)
    rgba[..., :3] = np.array(BOARD, np.float32) * np.linspace(1.15, 0.8, height, dtype=np.float32)[:, None, None]
    rgba[..., 3] = 0.97
    rgba[..., :3] *= 0.97
    pad = round(0.05 * width)
    title = Lettering(max(9, round(height * 0.115)), BOLD)
    y = round(0.09 * height)
    for line in title_lines(printable(slate.title), width - 2 * pad, title.width) or [""]:
        _write(rgba, title.mask(line) if line else None, (pad, y))
        y += title.line
    level = round(0.50 * height)
    for x0, y0, x1, y1 in ((pad, level, width - pad, level), (width // 2, level, width // 2, height - pad)):
        cv2.line(rgba, (x0, y0), (x1, y1), (*CHALK, 1.0), max(1, width // 260), cv2.LINE_AA)
    small, large = Lettering(max(8, round(height * 0.075))), Lettering(max(10, round(height * 0.20)), BOLD)
    cells = (
        ("SHOT", f"{slate.shot_number}/{slate.shots_total}", pad),
        ("TAKE", str(slate.take_number), width // 2 + pad // 2),
    )
    for label, value, x in cells:
        _write(rgba, small.mask(label), (x, level + round(0.05 * height)), opacity=0.7)
        _write(rgba, large.mask(value), (x, level + round(0.16 * height)))
    return np.round(np.clip(rgba, 0, 1) * 255).astype(np.uint8)


def _write(rgba: MatLike, mask: MatLike | None, corner: tuple[int, int], opacity: float = 1.0) -> None:
    if mask is None:
        return
    left, top = corner
    area = rgba[top : top + mask.shape[0], left : left + mask.shape[1]]
    cover = mask[: area.shape[0], : area.shape[1]].astype(np.float32)[..., None] * np.float32(opacity / 255)
    area *= 1 - cover
    area += cover * np.array([*CHALK, 1.0], np.float32)


def _stick(width: int, height: int) -> MatLike:
    rgba = np.zeros((height & ~1, width, 4), np.float32)
    tone: Colour = BOARD
    rgba[...] = (*tone, 1.0)
    step = width / 7
    for index in range(-1, 8):
        x = index * step
        shape = np.array([[x, height], [x + step * 0.5, height], [x + step * 0.86, 0], [x + step * 0.36, 0]])
        cv2.fillPoly(rgba, [np.round(shape * 16).astype(np.int32)], (*STRIPE, 1.0), cv2.LINE_AA, 4)
    return np.round(rgba * 255).astype(np.uint8)
