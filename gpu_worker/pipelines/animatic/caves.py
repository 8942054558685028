"""A cave: its mouth bright, walls in receding silhouettes, crystals and a pool."""

import numpy as np

from gpu_worker.pipelines.animatic import nature
from gpu_worker.pipelines.animatic.interiors import opened
from gpu_worker.pipelines.animatic.light import Colour, hexed, mix, scaled
from gpu_worker.pipelines.animatic.shapes import Points, blob, quad, wave
from gpu_worker.pipelines.animatic.skies import paint_sky
from gpu_worker.pipelines.animatic.stage import Stage
from gpu_worker.pipelines.animatic.surface import Paint, Surface, plain


def paint_cave(stage: Stage) -> None:
    """A cave: its mouth bright, walls in receding silhouettes, crystals and a pool."""
    aspect, light = stage.aspect, stage.light
    paint_sky(stage, foot=0.62)
    outside = stage.layer(0.2)
    nature.hills(stage, outside, 0.56, 0.07, distance=0.7)
    nature.treeline(stage, outside, 0.62, 0.06, distance=0.45, share_of_pines=0.5)
    rock = hexed("5d5566")
    glow = mix(light.sky[-1][1], light.haze, 0.5)
    walls = ((0.38, 0.20, 0.80, 0.40), (0.60, 0.31, 0.60, 0.20), (1.0, 0.44, 0.44, 0.06))
    for depth, reach, tone, share in walls:
        surface = stage.layer(depth)
        colour = mix(scaled(light.shade(rock, 0, 0.35), tone), glow, share)
        centre = (aspect * (0.56 + 0.05 * float(stage.rng.normal())), stage.horizon + 0.14)
        _mouth(stage, surface, centre, reach, colour)
        if depth == 1.0:
            _cave_floor(stage, surface, rock)
    near = stage.layer(1.5)
    _stalactites(stage, near, scaled(light.shade(rock, 0, 0.2), 0.30))


def _mouth(stage: Stage, surface: Surface, centre: tuple[float, float], reach: float, colour: Colour) -> None:
    """Rock all over but for an irregular arch that stands on the ground, its rim catching the light."""
    rng = stage.rng
    surface.wash(Paint(scaled(colour, 0.45), colour, 0.0, 0.8))
    across = reach * min(stage.aspect / 1.2, 1.45)
    angle = np.linspace(np.pi, 2 * np.pi, 160)
    rough = 1 + 0.13 * wave(rng, 160, octaves=6, rough=0.66, first=3)
    arch = np.stack([centre[0] + across * rough * np.cos(angle), centre[1] + 1.30 * reach * rough * np.sin(angle)], 1)
    _cracks(stage, surface, centre, (across, reach), colour)
    middle = np.array(centre)
    rim = np.vstack([(arch - middle) * 1.035 + middle, [[centre[0] + across, 1.2], [centre[0] - across, 1.2]]])
    lit = plain(mix(colour, stage.light.sky[-1][1], 0.55))
    surface.fill(rim, lit, opacity=0.6, soft=0.010)
    opened(surface, np.vstack([arch, [[arch[-1, 0], 1.2], [arch[0, 0], 1.2]]]))


def _cracks(
    stage: Stage, surface: Surface, centre: tuple[float, float], reach: tuple[float, float], colour: Colour
) -> None:
    """Facets of rock about the opening: slabs a little lighter or darker than the wall."""
    rng = stage.rng
    for tone, count in ((1.18, 16), (0.80, 20)):
        slabs: list[Points] = []
        for _ in range(count):
            turn = rng.uniform(np.pi * 0.9, np.pi * 2.1)
            out = rng.uniform(1.1, 2.1)
            x, y = centre[0] + reach[0] * out * np.cos(turn), centre[1] + 1.3 * reach[1] * out * np.sin(turn)
            size = rng.uniform(0.03, 0.09)
            corners = np.sort(rng.uniform(0, 2 * np.pi, 5))
            slabs.append(np.stack([x + size * np.cos(corners), y + 1.5 * size * np.sin(corners)], 1))
        surface.fill_many(slabs, plain(scaled(colour, tone)), opacity=0.45, soft=0.002)


def _cave_floor(stage: Stage, surface: Surface, rock: Colour) -> None:
    rng, light, aspect = stage.rng, stage.light, stage.aspect
    level = stage.horizon + 0.11
    nature.ground(stage, surface, level, mix(rock, nature.EARTH, 0.35), bumps=0.016)
    surface.haze(mix(light.sky[-1][1], light.haze, 0.5), level + 0.16, level, 0.28)
    pool = blob(rng, (aspect * 0.80, level + 0.15), 0.20, wobble=0.12, flat=0.16)
    surface.fill(
        pool,
        Paint(light.sky[-1][1], scaled(light.sky[0][1], 0.6), level + 0.11, level + 0.19),
        opacity=0.75,
        soft=0.002,
    )
    for place, drop, size in ((0.08, 0.12, 0.09), (0.19, 0.09, 0.04), (0.93, 0.10, 0.07), (0.68, 0.07, 0.03)):
        nature.rock(stage, surface, (aspect * place, level + drop), size * stage.unit, albedo=rock)
    _crystals(surface, (aspect * 0.145, level + 0.075))


def _crystals(surface: Surface, foot: tuple[float, float]) -> None:
    x, y = foot
    colour = hexed("8fe0e6")
    surface.glow((x, y - 0.04), 0.20, colour, 0.42)
    for lean, height in ((-0.5, 0.075), (0.1, 0.12), (0.55, 0.065), (-0.15, 0.09)):
        tip = (x + lean * height, y - height)
        half = 0.13 * height
        surface.fill(
            quad(
                (x - half + lean * 0.02, y),
                (tip[0] - half * 0.9, tip[1] + 0.25 * height),
                tip,
                (tip[0] + half * 0.9, tip[1] + 0.25 * height),
                (x + half + lean * 0.02, y),
            ),
            Paint(mix(colour, (1, 1, 1), 0.5), scaled(colour, 0.55), tip[1], y),
        )
    surface.glow((x, y - 0.05), 0.07, colour, 0.4)


def _stalactites(stage: Stage, surface: Surface, colour: Colour) -> None:
    rng = stage.rng
    parts: list[Points] = []
    for x in np.arange(0, stage.aspect, 0.055):
        edge = abs(x / stage.aspect - 0.5) * 2
        length = rng.uniform(0.02, 0.10) + 0.22 * edge**3 * rng.uniform(0.4, 1)
        parts.append(
            quad(
                (x - 0.045, -0.05),
                (x + 0.05, -0.05),
                (x + 0.012, length * 0.55),
                (x + 0.002, length),
                (x - 0.010, length * 0.5),
            )
        )
    surface.fill_many(parts, plain(colour), soft=0.004)
