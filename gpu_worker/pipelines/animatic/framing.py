"""How a shot sees a place: which part, how near, how soft; painted layers become sprites in the frame's pixels."""

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from gpu_worker.pipelines.animatic.scene import PaintedLayer, Scene
from gpu_worker.pipelines.finishing.picture import Sprite, sprite_of

OVERSCAN = 0.10  # shares of the frame on every side, for the camera to move in
PAINTED_PIXELS_MAX = 3_400_000  # a little over 1080p with its overscan; larger frames enlarge the painting
MERGED_FROM = 4.0  # blur px: beyond it the place is one soft backdrop, whose layers nobody could tell apart
FOREGROUND = 1.2  # layers deeper than this stand before the figures


@dataclass(frozen=True, slots=True)
class View:
    """A shot size's view of a place: magnification, height of the horizon in the frame, blur px at 720 lines."""

    scale: float
    horizon: float
    blur: float
    closeness: float  # how far the place's depths are drawn together: near shots look past the figures


VIEWS = {
    "extreme_wide": View(1.0, 0.596, 0.0, 1.0),
    "wide": View(1.0, 0.596, 0.0, 1.0),
    "full": View(1.14, 0.575, 0.7, 1.0),
    "medium": View(1.42, 0.53, 2.4, 0.72),
    "medium_close_up": View(1.75, 0.52, 5.0, 0.62),
    "close_up": View(2.15, 0.52, 8.5, 0.55),
    "extreme_close_up": View(2.5, 0.52, 12.0, 0.5),
}


@dataclass(frozen=True, slots=True)
class Layer:
    """A sprite of the place and its depth in this shot."""

    sprite: Sprite
    depth: float


def canvas_size(frame: tuple[int, int]) -> tuple[int, int]:
    """What a scene is painted on for frames of this size."""
    return tuple(2 * round(side * (1 + 2 * OVERSCAN) / 2) for side in frame)  # pyright: ignore[reportReturnType]


def painting_size(frame: tuple[int, int]) -> tuple[int, int]:
    """The size that a scene is painted in: the canvas', but never more than memory and time allow."""
    width, height = canvas_size(frame)
    shrink = min(1.0, float(np.sqrt(PAINTED_PIXELS_MAX / (width * height))))
    return max(2, round(width * shrink)), max(2, round(height * shrink))


def framed(scene: Scene, size: str, frame: tuple[int, int], aside: float) -> list[Layer]:
    """The layers of this shot, from far to near; `aside` from -1 to 1 looks at another part of the place."""
    view = VIEWS[size]
    matrix = _matrix(scene, view, frame, aside)
    blur = view.blur * frame[1] / 720
    if view.blur >= MERGED_FROM:
        behind = [painted for painted in scene.layers if painted.depth <= FOREGROUND]
        return [Layer(_trimmed(_seen(_merged(behind), matrix, blur, frame), frame), 0.5 * view.closeness)]
    layers: list[Layer] = []
    for painted in scene.layers:
        if painted.depth > FOREGROUND and view.closeness < 1:
            continue
        rgba = _seen(painted.rgba, matrix, blur, frame)
        depth = painted.depth if view.closeness == 1 else painted.depth * view.closeness
        layers.append(Layer(_trimmed(rgba, frame), depth))
    return layers


def _matrix(scene: Scene, view: View, frame: tuple[int, int], aside: float) -> MatLike:
    """Painted pixels to the pixels of the overscanned frame."""
    width, height = canvas_size(frame)
    margin = (OVERSCAN * frame[0], OVERSCAN * frame[1])
    spare = (view.scale - 1) * width
    across = -spare / 2 - 0.42 * spare * aside
    down = view.horizon * frame[1] + margin[1] - view.scale * scene.horizon * height
    down = min(0.0, max(down, height - view.scale * height))
    painted_height, painted_width = scene.layers[0].rgba.shape[:2]
    across_scale, down_scale = view.scale * width / painted_width, view.scale * height / painted_height
    return np.array([[across_scale, 0, across], [0, down_scale, down]], np.float64)


def _merged(layers: list[PaintedLayer]) -> MatLike:
    """The layers laid over each other, premultiplied RGBA, uint8."""
    picture = layers[0].rgba
    for layer in layers[1:]:
        through = cv2.cvtColor(255 - layer.rgba[..., 3], cv2.COLOR_GRAY2BGRA)
        through[..., 3] = through[..., 0]
        picture = cv2.add(cv2.multiply(picture, through, scale=1 / 255), layer.rgba)
    return picture


def _seen(rgba: MatLike, matrix: MatLike, blur: float, frame: tuple[int, int]) -> MatLike:
    if matrix[0, 0] != 1.0:
        rgba = cv2.warpAffine(rgba, matrix, canvas_size(frame), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cv2.GaussianBlur(rgba, (0, 0), blur, borderType=cv2.BORDER_REPLICATE) if blur > 0.2 else rgba


def _trimmed(rgba: MatLike, frame: tuple[int, int]) -> Sprite:
    """Only the part that holds something, at its place relative to the frame."""
    rows = np.flatnonzero(rgba[..., 3].any(1))
    columns = np.flatnonzero(rgba[..., 3].any(0))
    if not rows.size:
        rows = columns = np.arange(2)
    top, bottom = int(rows[0]) & ~1, (int(rows[-1]) + 2) & ~1
    left, right = int(columns[0]) & ~1, (int(columns[-1]) + 2) & ~1
    part = np.ascontiguousarray(rgba[top:bottom, left:right])
    width, height = canvas_size(frame)
    origin = (left - ((width - frame[0]) // 2 & ~1), top - ((height - frame[1]) // 2 & ~1))
    return sprite_of(part, origin)
