"""Figures taken out of pictures and clips by their label maps, each trimmed and put on a white square."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from contracts.commands import PictureToEmbed
from contracts.figures import AREA_PIXELS_MIN, SIDE_PIXELS_MIN
from gpu_worker.pipelines.finishing.squares import on_white_square

Pixels = NDArray[np.uint8]  # (height, width, 4), RGBA
OPAQUE_MIN = 16


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: where it was found, its longer side in pixels, and itself on a white square."""

    picture: str
    frame: int
    number: int
    side: int
    square: Image.Image


def figures_of(wanted: PictureToEmbed, inputs: Mapping[str, Path]) -> Iterator[Figure]:
    """Answer the figures in order; raises ValueError for inputs that are absent or do not fit each other."""
    path = inputs[wanted.picture]
    if wanted.labels is None:
        with Image.open(path) as picture:
            yield figure(wanted.picture, 0, 1, np.asarray(picture.convert("RGBA")))
        return
    with Image.open(inputs[wanted.labels]) as picture:
        labels = np.asarray(picture.convert("L"))
    frames = [(0, still(path))] if wanted.frames is None else list(clip_frames(path, wanted.frames))
    if labels.shape != (sum(pixels.shape[0] for _, pixels in frames), frames[0][1].shape[1]):
        raise ValueError(f"The label map {wanted.labels} does not fit {wanted.picture}.")
    for (number, pixels), marks in zip(frames, np.vsplit(labels, len(frames)), strict=True):
        yield from marked_figures(wanted.picture, number, pixels, marks)


def marked_figures(name: str, frame: int, pixels: Pixels, marks: Pixels) -> Iterator[Figure]:
    """Answer each figure that is large enough to be recognised at all."""
    for number in np.flatnonzero(np.bincount(marks.ravel(), minlength=2)[1:] >= AREA_PIXELS_MIN) + 1:
        rgba = pixels.copy()
        rgba[..., 3] = np.where(marks == number, 255, 0)
        found = figure(name, frame, int(number), rgba)
        if found.side >= SIDE_PIXELS_MIN:
            yield found


def figure(name: str, frame: int, number: int, rgba: Pixels) -> Figure:
    rows, columns = np.nonzero(rgba[..., 3] > OPAQUE_MIN)
    if not rows.size:
        raise ValueError(f"{name} shows nothing.")
    cut = Image.fromarray(rgba[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
    side = max(cut.size)
    return Figure(name, frame, number, side, on_white_square(cut, side))


def still(path: Path) -> Pixels:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA"))


def clip_frames(path: Path, numbers: list[int]) -> Iterator[tuple[int, Pixels]]:
    """Answer the wanted frames, which are in rising order; raises ValueError where the clip has no such frame."""
    wanted = set(numbers)
    with av.open(str(path)) as clip:
        for number, decoded in enumerate(clip.decode(video=0)):
            if number in wanted:
                wanted.remove(number)
                yield number, np.asarray(decoded.to_image().convert("RGBA"))
            if not wanted:
                return
    raise ValueError(f"The clip {path.name} has no frame {min(wanted)}.")
