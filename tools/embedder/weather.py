"""What weather and night do to a figure in a film: veils of mist, tinted dark, streaks of rain, flakes of snow."""

import cv2
import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.float32]


def weathered(colours: Colours, random: np.random.Generator) -> Colours:
    """Changes colours (h, w, 3) in 0..1; about half the pictures stay as they are."""
    if random.random() < 0.3:
        colours = darkened(colours, random)
    if random.random() < 0.3:
        colours = veiled(colours, random)
    fall = random.random()
    if fall < 0.22:
        colours = rained_on(colours, random)
    elif fall < 0.34:
        colours = snowed_on(colours, random)
    return colours


def darkened(colours: Colours, random: np.random.Generator) -> Colours:
    """Dims and tints as dusk and night do: the light's colour multiplies, saturation falls a little."""
    light = random.uniform(0.4, 0.9) * np.exp(random.normal(0, 0.12, 3)).astype(np.float32)
    grey = colours.mean(axis=2, keepdims=True)
    share = np.float32(random.uniform(0, 0.25))
    return np.clip((colours * (1 - share) + grey * share) * light.astype(np.float32), 0, 1)


def veiled(colours: Colours, random: np.random.Generator) -> Colours:
    """Lays mist before the figure, thicker towards one side."""
    height, width = colours.shape[:2]
    grey = random.uniform(0.2, 0.9)
    mist = np.clip(grey + random.normal(0, 0.05, 3), 0, 1).astype(np.float32)
    down, across = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None, :]
    slope = random.uniform(-0.25, 0.25) * down + random.uniform(-0.1, 0.1) * across
    thickness = np.clip(random.uniform(0.05, 0.45) + slope, 0, 0.7)[..., None].astype(np.float32)
    return colours * (1 - thickness) + mist * thickness


def rained_on(colours: Colours, random: np.random.Generator) -> Colours:
    """Draws slanted streaks of light grey over the figure."""
    height, width = colours.shape[:2]
    drops = np.zeros((height, width), np.uint8)
    slant, longest = random.uniform(-0.35, 0.35), random.uniform(0.04, 0.16) * height
    for x, y, share in random.random((int(random.uniform(15, 90)), 3)):
        length = longest * (0.4 + 0.6 * share)
        start = (round(x * width), round(y * height))
        end = (round(x * width + slant * length), round(y * height + length))
        cv2.line(drops, start, end, 255, 1 if share < 0.8 else 2, cv2.LINE_AA)
    return laid_over(colours, drops, random.uniform(0.25, 0.75))


def snowed_on(colours: Colours, random: np.random.Generator) -> Colours:
    """Draws white flakes over the figure."""
    height, width = colours.shape[:2]
    flakes = np.zeros((height, width), np.uint8)
    for x, y, share in random.random((int(random.uniform(10, 70)), 3)):
        cv2.circle(flakes, (round(x * width), round(y * height)), 1 + int(share * 3), 255, -1, cv2.LINE_AA)
    return laid_over(colours, flakes, random.uniform(0.5, 0.95))


def laid_over(colours: Colours, shape: NDArray[np.uint8], opacity: float) -> Colours:
    """Mixes near white in where a shape is drawn."""
    share = shape[..., None].astype(np.float32) * np.float32(opacity / 255)
    return colours * (1 - share) + np.float32(0.93) * share
