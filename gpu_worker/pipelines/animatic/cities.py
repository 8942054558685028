"""A city street that runs away between two rows of houses, the skyline beyond it."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gpu_worker.pipelines.animatic import architecture as built
from gpu_worker.pipelines.animatic import nature
from gpu_worker.pipelines.animatic.light import Colour, hexed, mix, scaled
from gpu_worker.pipelines.animatic.shapes import Points, box, ellipse, quad
from gpu_worker.pipelines.animatic.skies import paint_sky
from gpu_worker.pipelines.animatic.stage import Stage
from gpu_worker.pipelines.animatic.surface import Surface, plain

FACES = (hexed("b5745c"), hexed("c9a079"), hexed("9c8f94"), hexed("d2bd9c"), hexed("8c6a62"), hexed("a9a287"))
EYE = 0.34  # how far below the horizon the street lies at distance 1
HOUSES_FROM, HOUSES_TO = 0.62, 5.2


@dataclass(frozen=True, slots=True)
class Street:
    """The street's perspective: x to the side in shares of half its width, z the distance, y up from the street."""

    vanish: tuple[float, float]
    half: float

    def at(self, across: float, up: float, away: float) -> tuple[float, float]:
        """The point on the picture."""
        return self.vanish[0] + across * self.half / away, self.vanish[1] + (EYE - up) / away

    def panel(self, across: float, heights: tuple[float, float], span: tuple[float, float]) -> Points:
        """An upright rectangle along the street."""
        low, high = heights
        near, far = span
        return quad(
            self.at(across, low, near),
            self.at(across, high, near),
            self.at(across, high, far),
            self.at(across, low, far),
        )

    def floor(self, sides: tuple[float, float], span: tuple[float, float]) -> Points:
        """A rectangle lying on the street."""
        left, right = sides
        near, far = span
        return quad(self.at(left, 0, near), self.at(right, 0, near), self.at(right, 0, far), self.at(left, 0, far))


def paint_city(stage: Stage) -> None:
    """A street between town houses, the skyline behind, lamps along the pavement."""
    paint_sky(stage)
    for depth, distance, low, high in ((0.14, 0.85, 0.12, 0.34), (0.26, 0.58, 0.07, 0.22)):
        _skyline(stage, stage.layer(depth), distance, (low, high))
    near = stage.layer(1.0)
    street = Street((stage.aspect * 0.5, stage.horizon), 0.5 * stage.aspect)
    _ground(stage, near, street)
    for side in (-1, 1):
        _row(stage, near, street, side)
    for away in (3.4, 2.1, 1.35):
        for side in (-1, 1):
            foot = street.at(side * 0.66, 0, away)
            built.street_lamp(stage, near, foot, 0.46 / away * max(stage.unit, 0.6))


def _skyline(stage: Stage, surface: Surface, distance: float, heights: tuple[float, float]) -> None:
    rng, x = stage.rng, -0.05
    while x < stage.aspect + 0.05:
        width, height = rng.uniform(0.07, 0.14) * stage.unit, rng.uniform(*heights)
        frame = (x, stage.horizon + 0.03 - height, x + width, stage.horizon + 0.06)
        built.block(stage, surface, frame, distance=distance)
        x += width * rng.uniform(0.85, 1.25)
    nature.mist(stage, surface, stage.horizon + 0.04, 0.5)


def _ground(stage: Stage, surface: Surface, street: Street) -> None:
    """Carriageway, kerbs, flagged pavements and a worn middle line."""
    base = nature.whitened(stage, hexed("8f8b92"))
    horizon = stage.horizon
    surface.fill(
        box(-0.1, horizon + 0.055, stage.aspect + 0.1, 1.1), stage.slope(base, (horizon, 1.0), lit=(0.85, 0.45))
    )
    span = (0.40, 6.2)
    road = nature.whitened(stage, hexed("6f6d78"))
    surface.fill(street.floor((-0.58, 0.58), span), stage.slope(road, (horizon, 1.0), distance=0.05, lit=(0.9, 0.4)))
    kerb = stage.paint(nature.whitened(stage, hexed("c2bdb6")), lit=0.8)
    for side in (-1, 1):
        surface.fill(street.floor((side * 0.58, side * 0.61), span), kerb)
        joints = [street.floor((side * 0.61, side * 1.2), (away, away * 1.015)) for away in 0.5 * 1.16 ** np.arange(17)]
        surface.fill_many(joints, stage.paint(scaled(base, 0.7), lit=0.3), opacity=0.55)
    dashes = [street.floor((-0.018, 0.018), (away, away * 1.12)) for away in 0.45 * 1.32 ** np.arange(9)]
    surface.fill_many(dashes, stage.paint(nature.whitened(stage, hexed("d9d2bd")), lit=0.8), opacity=0.6)
    _sheen(stage, surface, street)


def _sheen(stage: Stage, surface: Surface, street: Street) -> None:
    """Lamps and sky mirrored in the street when it is wet or dark."""
    light = stage.light
    if light.wet <= 0 and light.lamps < 0.5:
        return
    for away in (1.35, 2.1):
        spots = [ellipse(street.at(side * 0.5, -0.10, away), 0.05 / away, 0.16 / away) for side in (-1, 1)]
        tone = mix(light.haze, built.LAMP, light.lamps)
        surface.fill_many(spots, plain(tone), opacity=0.16 + 0.10 * light.wet, soft=0.03)


def _row(stage: Stage, surface: Surface, street: Street, side: int) -> None:
    """Houses from far to near, so that the nearer cover the farther."""
    rng = stage.rng
    edges = [HOUSES_FROM]
    while edges[-1] < HOUSES_TO:
        edges.append(edges[-1] * float(rng.uniform(1.22, 1.42)))
    houses = [(span, float(rng.uniform(0.62, 1.05)), FACES[int(rng.integers(len(FACES)))]) for span in pairwise(edges)]
    for span, height, face in reversed(houses):
        _house(stage, surface, (street, side), (span, height), face)


def _house(
    stage: Stage, surface: Surface, where: tuple[Street, int], size: tuple[tuple[float, float], float], face: Colour
) -> None:
    street, side = where
    (near, far), height = size
    distance = 0.10 + 0.075 * near
    lit = 0.95 if side * stage.light.towards[0] < 0 else 0.25
    top, foot = street.at(side, height, near)[1], street.at(side, 0, near)[1]
    wall = stage.slope(nature.whitened(stage, face, 0.15), (top, foot), distance=distance, lit=(lit, lit - 0.2))
    surface.fill(street.panel(side, (0, height), (near, far)), wall)
    # The gable end that looks along the street, seen where the next house is lower.
    trim = stage.paint(nature.whitened(stage, mix(face, hexed("f0e6d2"), 0.5)), distance=distance, lit=lit + 0.1)
    for low, high in ((height - 0.015, height + 0.035), (0.245, 0.27)):
        surface.fill(street.panel(side, (low, high), (near, far)), trim)
    shade = stage.paint(scaled(face, 0.5), distance=distance, lit=0.0)
    surface.fill(street.panel(side, (0, height), (near, near * 1.012)), shade, opacity=0.6)
    _shop(stage, surface, where, (near, far))
    _windows(stage, surface, where, (near, far), height)


def _shop(stage: Stage, surface: Surface, where: tuple[Street, int], span: tuple[float, float]) -> None:
    street, side = where
    near, far = span
    ratio = far / near
    inner = (near * ratio**0.16, near * ratio**0.72)
    distance = 0.10 + 0.075 * near
    glass = mix(stage.light.shade(hexed("55636f"), distance, 0.5), built.LAMP, 0.8 * stage.light.lamps)
    surface.fill(street.panel(side, (0.04, 0.19), inner), plain(glass))
    door = (near * ratio**0.78, near * ratio**0.92)
    surface.fill(street.panel(side, (0, 0.19), door), stage.paint(hexed("5a4034"), distance=distance, lit=0.5))
    cloth = (hexed("a8453f"), hexed("3f6d6a"), hexed("c49a4a"))[int(stage.rng.integers(3))]
    awning = np.array(
        [
            street.at(side, 0.225, inner[0]),
            street.at(side, 0.225, inner[1]),
            street.at(side * 0.90, 0.175, inner[1]),
            street.at(side * 0.90, 0.175, inner[0]),
        ]
    )
    surface.fill(awning, stage.paint(nature.whitened(stage, cloth), distance=distance, lit=0.7))


def _windows(
    stage: Stage, surface: Surface, where: tuple[Street, int], span: tuple[float, float], height: float
) -> None:
    street, side = where
    near, far = span
    ratio, distance = far / near, 0.10 + 0.075 * near
    dark, lit, frames = list[Points](), list[Points](), list[Points]()
    for level in np.arange(0.31, height - 0.10, 0.15):
        for start in (0.10, 0.40, 0.70):
            inner = (near * ratio**start, near * ratio ** (start + 0.19))
            heights = (float(level), float(level) + 0.095)
            frames.append(
                street.panel(side, (heights[0] - 0.010, heights[1] + 0.010), (inner[0] * 0.992, inner[1] * 1.008))
            )
            (lit if stage.rng.uniform() < 0.6 * stage.light.lamps else dark).append(street.panel(side, heights, inner))
    surface.fill_many(frames, stage.paint(hexed("e6dcc8"), distance=distance, lit=0.6))
    surface.fill_many(dark, stage.paint(hexed("4f5d6e"), distance=distance, lit=0.45))
    surface.fill_many(lit, plain(mix(built.LAMP, stage.light.haze, 0.4 * distance)))
    surface.fill_many(lit, plain(built.LAMP), opacity=0.22, soft=0.008)
