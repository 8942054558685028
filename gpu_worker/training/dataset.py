"""Pictures to learn from: each cut-out cropped, scaled and put on many backgrounds, with a caption that says so.

What varies is named in the caption, so that only what stays the same is left for the trigger word to mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from PIL import Image as Pictures
from PIL import ImageOps, UnidentifiedImageError
from PIL.Image import Image, Resampling

from contracts.commands import TrainAdapter, TrainingPicture
from gpu_worker.pipelines.finishing.squares import on_white_square
from gpu_worker.training.backgrounds import background

OPAQUE = 16  # alpha, of 255, above which a pixel belongs to the figure
TALL = 1.3  # height by width from which a figure has a half and a head


class Crop(StrEnum):
    """How much of a figure is shown; the values are the words in captions."""

    FULL = "full figure"
    HALF = "upper half"
    HEAD = "close-up of the head"


SHOWN = {Crop.FULL: 1.0, Crop.HALF: 0.55, Crop.HEAD: 0.32}  # of the figure's height, from the top


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture to learn from, side x side px, RGB, and what it shows in English."""

    picture: Image
    caption: str


def read_cut_outs(pictures: Sequence[TrainingPicture], inputs: Mapping[str, Path]) -> list[Image]:
    """Answer the pictures as RGBA; raises ValueError naming one that is no picture, KeyError one that is not there."""
    return [read_cut_out(inputs[each.cut_out], each.cut_out) for each in pictures]


def read_cut_out(path: Path, name: str) -> Image:
    try:
        with Pictures.open(path) as picture:
            return picture.convert("RGBA")
    except (UnidentifiedImageError, OSError) as broken:
        raise ValueError(f"The input {name} is no picture that can be read.") from broken


def on_white(cut_out: Image) -> Image:
    """The figure alone, on a white square."""
    figure = cut_out.crop(figure_box(cut_out))
    return on_white_square(figure, max(figure.size))


def samples_of(command: TrainAdapter, cut_outs: Sequence[Image], *, side: int, variants: int) -> list[Sample]:
    """Answer `variants` samples of each cut-out in turn, the same ones for the same command."""
    made: list[Sample] = []
    for number in range(len(cut_outs) * variants):
        place = number % len(cut_outs)
        chance = np.random.default_rng((command.seed, number))
        picture, words = varied(cut_outs[place], side=side, can_flip=command.is_symmetric, chance=chance)
        made.append(Sample(picture, caption_of(command, command.pictures[place].caption, words)))
    return made


def caption_of(command: TrainAdapter, caption: str, words: Sequence[str]) -> str:
    parts = (f"{command.trigger} {command.class_words}", caption, *words)
    return ", ".join(part.strip() for part in parts if part.strip())


def varied(cut_out: Image, *, side: int, can_flip: bool, chance: np.random.Generator) -> tuple[Image, list[str]]:
    """Answer a picture of side x side px that shows the figure in one of its crops, and words for what varies."""
    canvas, words = background(side, chance)
    whole = cut_out.crop(figure_box(cut_out))
    is_tall = whole.height >= TALL * whole.width
    crop = list(Crop)[int(chance.integers(3))] if is_tall else Crop.FULL
    figure = cropped(whole, crop)
    if can_flip and chance.random() < 0.5:
        figure = ImageOps.mirror(figure)
    scale = side * chance.uniform(0.62, 0.95) / max(figure.size)
    size = (max(1, round(figure.width * scale)), max(1, round(figure.height * scale)))
    figure = figure.resize(size, Resampling.LANCZOS)
    room = (side - figure.width, side - figure.height)
    # A figure that is cut off ends where the picture does.
    down = int(chance.integers(room[1] + 1)) if crop is Crop.FULL else room[1]
    canvas.paste(figure, (int(chance.integers(room[0] + 1)), down), figure)
    # What is not tall may be a head alone: it has no crop to speak of.
    return canvas, [crop.value, words] if is_tall else [words]


def cropped(whole: Image, crop: Crop) -> Image:
    """Answer the figure from its top down, no wider than what is left of it."""
    part = whole.crop((0, 0, whole.width, max(1, round(whole.height * SHOWN[crop]))))
    left, _, right, _ = figure_box(part)
    return part.crop((left, 0, right, part.height))


def figure_box(picture: Image) -> tuple[int, int, int, int]:
    """Where the figure is by its alpha; all of the picture where nothing is opaque."""
    opaque = picture.getchannel("A").point([0] * (OPAQUE + 1) + [255] * (255 - OPAQUE))
    return opaque.getbbox() or (0, 0, *picture.size)
