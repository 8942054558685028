"""Backgrounds that a figure is put on, each with words for its caption: plain, gradient and textured."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL.Image import Image, Resampling

Pixels = NDArray[np.uint8]  # (side, side, 3), RGB
COLOURS: Sequence[tuple[str, tuple[int, int, int]]] = (
    ("white", (255, 255, 255)),
    ("grey", (128, 130, 134)),
    ("black", (18, 18, 20)),
    ("blue", (70, 120, 190)),
    ("green", (90, 150, 95)),
    ("red", (180, 70, 65)),
    ("yellow", (225, 200, 110)),
    ("brown", (130, 95, 70)),
    ("purple", (130, 95, 160)),
    ("orange", (220, 140, 75)),
)
GRAIN = 14.0  # standard deviation, of 255


def background(side: int, chance: np.random.Generator) -> tuple[Image, str]:
    """Answer a background of side x side px and the words for it."""
    paint = PAINTERS[int(chance.integers(len(PAINTERS)))]
    pixels, words = paint(side, chance)
    return Pictures.fromarray(pixels), words


def plain(side: int, chance: np.random.Generator) -> tuple[Pixels, str]:
    [(name, colour)] = _colours(chance, 1)
    return np.full((side, side, 3), colour, np.uint8), f"plain {name} background"


def gradient(side: int, chance: np.random.Generator) -> tuple[Pixels, str]:
    (name, colour), (other_name, other) = _colours(chance, 2)
    share = np.linspace(0, 1, side)[:, None, None]
    mixed = np.broadcast_to(np.asarray(colour) * (1 - share) + np.asarray(other) * share, (side, side, 3))
    turned = mixed if chance.random() < 0.5 else mixed.transpose(1, 0, 2)
    return _rounded(turned), f"gradient background from {name} to {other_name}"


def clouds(side: int, chance: np.random.Generator) -> tuple[Pixels, str]:
    """Noise of two sizes on one colour."""
    [(name, colour)] = _colours(chance, 1)
    rough = Pictures.fromarray(_rounded(128 + GRAIN * 2 * chance.standard_normal((8, 8))))
    blurred = np.asarray(rough.resize((side, side), Resampling.BICUBIC), np.float64) - 128
    grain = GRAIN / 2 * chance.standard_normal((side, side))
    return _rounded(np.asarray(colour) + (blurred + grain)[:, :, None]), f"mottled {name} background"


def stripes(side: int, chance: np.random.Generator) -> tuple[Pixels, str]:
    (name, colour), (other_name, other) = _colours(chance, 2)
    across, down = np.meshgrid(np.arange(side), np.arange(side))
    slant = chance.uniform(0, np.pi)
    place = (across * np.cos(slant) + down * np.sin(slant)) / (side * chance.uniform(0.08, 0.25))
    is_first = (np.floor(place) % 2 == 0)[:, :, None]
    return _rounded(np.where(is_first, colour, other)), f"striped {name} and {other_name} background"


PAINTERS: Sequence[Callable[[int, np.random.Generator], tuple[Pixels, str]]] = (plain, gradient, clouds, stripes)


def _colours(chance: np.random.Generator, count: int) -> list[tuple[str, tuple[int, int, int]]]:
    return [COLOURS[number] for number in chance.choice(len(COLOURS), count, replace=False)]


def _rounded(values: NDArray[np.float64] | NDArray[np.int64]) -> Pixels:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
