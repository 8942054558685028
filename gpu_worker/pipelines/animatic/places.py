"""Places among houses: garden, road, village, city and castle."""

import numpy as np

from gpu_worker.pipelines.animatic import architecture as built
from gpu_worker.pipelines.animatic import nature
from gpu_worker.pipelines.animatic.light import hexed, mix, scaled
from gpu_worker.pipelines.animatic.shapes import blob, box, ellipse, quad
from gpu_worker.pipelines.animatic.skies import paint_sky
from gpu_worker.pipelines.animatic.stage import Stage
from gpu_worker.pipelines.animatic.surface import Surface

DIRT = hexed("c9a87c")


def paint_garden(stage: Stage) -> None:
    """A cottage garden: path between beds, fence, hedge, fruit trees, the house beyond."""
    horizon, aspect = stage.horizon, stage.aspect
    paint_sky(stage)
    far = stage.layer(0.18)
    nature.hills(stage, far, horizon - 0.03, 0.06, distance=0.7)
    middle = stage.layer(0.5)
    nature.treeline(stage, middle, horizon + 0.02, 0.08 * stage.unit, distance=0.35, share_of_pines=0.1)
    built.house(stage, middle, (aspect * 0.77, horizon + 0.075), 0.24 * stage.unit, distance=0.22)
    nature.broadleaf(stage, middle, (aspect * 0.12, horizon + 0.085), 0.34 * stage.unit, distance=0.16)
    near = stage.layer(1.0)
    _hedge(stage, near, horizon + 0.075)
    nature.ground(stage, near, horizon + 0.075, mix(nature.GRASS, hexed("86b35a"), 0.5))
    nature.grass(stage, near, horizon + 0.10, density=0.45)
    built.path(
        stage,
        near,
        [(0.47 * aspect, 1.05), (0.50 * aspect, 0.84), (0.57 * aspect, 0.73), (0.60 * aspect, horizon + 0.075)],
        (0.34 * stage.unit, 0.05),
        DIRT,
    )
    for left, right, top, bottom in ((0.0, 0.36, 0.14, 0.26), (0.68, 1.0, 0.15, 0.28)):
        _bed(stage, near, (left * aspect, right * aspect), (horizon + top, horizon + bottom))
    nature.flowers(stage, near, horizon + 0.12, 60)
    nature.foreground_grass(stage)


def _hedge(stage: Stage, surface: Surface, level: float) -> None:
    rng = stage.rng
    spots = [
        ((float(x), level - 0.012), rng.uniform(0.024, 0.034)) for x in np.arange(-0.02, stage.aspect + 0.05, 0.032)
    ]
    nature.crown(stage, surface, spots, distance=0.12, albedo=scaled(nature.LEAF, 0.85))


def _bed(stage: Stage, surface: Surface, across: tuple[float, float], span: tuple[float, float]) -> None:
    """A dug bed with rows of cabbages and lettuces."""
    rng = stage.rng
    left, right = across
    top, bottom = span
    soil = nature.whitened(stage, hexed("6d4d38"))
    surface.fill(
        blob(
            rng,
            ((left + right) / 2, (top + bottom) / 2),
            (right - left) * 0.52,
            wobble=0.05,
            flat=(bottom - top) / (right - left) * 1.1,
        ),
        stage.slope(soil, span, lit=(0.6, 0.3)),
        soft=0.003,
    )
    for row in np.linspace(top + 0.025, bottom - 0.012, 3):
        size = 0.011 + 0.11 * (row - top)
        leafy = mix(hexed("8fb96a"), hexed("6fa08a"), float(rng.uniform()))
        for x in np.arange(left + 0.05 * (right - left), right - 0.03, size * 3.0):
            _cabbage(stage, surface, (float(x) + rng.normal(0, 0.004), float(row)), size, leafy)


def _cabbage(
    stage: Stage, surface: Surface, centre: tuple[float, float], size: float, leafy: tuple[float, float, float]
) -> None:
    rng = stage.rng
    x, y = centre
    surface.fill(
        ellipse((x, y + 0.3 * size), 1.2 * size, 0.3 * size),
        stage.paint((0.15, 0.12, 0.10), lit=0),
        opacity=0.4,
        soft=0.004,
    )
    for lit, reach, up in ((0.2, 1.0, 0.0), (0.7, 0.72, 0.18), (1.2, 0.42, 0.32)):
        surface.fill(
            blob(rng, (x, y - up * size), reach * size, wobble=0.3, flat=0.72),
            stage.paint(nature.whitened(stage, leafy, 0.5), lit=lit),
        )


def paint_road(stage: Stage) -> None:
    """A country road to the horizon with fences, fields and a milestone."""
    horizon, aspect = stage.horizon, stage.aspect
    paint_sky(stage)
    far = stage.layer(0.16)
    nature.hills(stage, far, horizon - 0.035, 0.075, distance=0.8, albedo=nature.PINE)
    nature.hills(stage, far, horizon, 0.04, distance=0.5)
    middle = stage.layer(0.45)
    nature.treeline(stage, middle, horizon + 0.022, 0.05 * stage.unit, distance=0.36)
    near = stage.layer(1.0)
    nature.ground(stage, near, horizon + 0.025, mix(nature.GRASS, hexed("c2b45e"), 0.35))
    nature.grass(stage, near, horizon + 0.05, density=0.8)
    built.path(
        stage,
        near,
        [(0.46 * aspect, 1.08), (0.47 * aspect, 0.86), (0.545 * aspect, 0.70), (0.53 * aspect, horizon + 0.028)],
        (0.78 * stage.unit, 0.014),
        DIRT,
    )
    built.fence(stage, near, (-0.03, 0.84), (0.50 * aspect, horizon + 0.035), (0.15 * stage.unit, 0.012))
    nature.broadleaf(stage, near, (0.87 * aspect, horizon + 0.115), 0.46 * stage.unit, distance=0.06)
    nature.rock(stage, near, (0.80 * aspect, horizon + 0.20), 0.03 * stage.unit)
    nature.flowers(stage, near, horizon + 0.12, 40)
    nature.foreground_grass(stage)


def paint_village(stage: Stage) -> None:
    """Cottages about a green, a church spire beyond."""
    horizon, aspect = stage.horizon, stage.aspect
    paint_sky(stage)
    far = stage.layer(0.18)
    nature.hills(stage, far, horizon - 0.04, 0.08, distance=0.75, albedo=nature.PINE)
    _spire(stage, far, (aspect * 0.56, horizon + 0.01), 0.20 * stage.unit)
    nature.hills(stage, far, horizon + 0.01, 0.035, distance=0.5)
    middle = stage.layer(0.5)
    for place, drop, size in ((0.34, 0.035, 0.13), (0.62, 0.038, 0.14), (0.47, 0.03, 0.10)):
        built.house(stage, middle, (aspect * place, horizon + drop), size * stage.unit, distance=0.34)
    nature.treeline(stage, middle, horizon + 0.05, 0.03, distance=0.3, share_of_pines=0.1)
    near = stage.layer(1.0)
    nature.ground(stage, near, horizon + 0.05, nature.GRASS)
    nature.grass(stage, near, horizon + 0.08, density=0.55)
    built.path(
        stage,
        near,
        [(0.44 * aspect, 1.06), (0.47 * aspect, 0.83), (0.54 * aspect, 0.70), (0.50 * aspect, horizon + 0.055)],
        (0.56 * stage.unit, 0.03),
        DIRT,
    )
    nature.broadleaf(stage, near, (aspect * 0.72, horizon + 0.10), 0.30 * stage.unit, distance=0.10)
    for place, drop, size in ((0.10, 0.145, 0.36), (0.90, 0.155, 0.34)):
        built.house(stage, near, (aspect * place, horizon + drop), size * stage.unit, distance=0.05)
    for place, drop in ((0.26, 0.16), (0.745, 0.17), (0.30, 0.13)):
        nature.bush(stage, near, (aspect * place, horizon + drop), 0.032 * stage.unit)
    nature.flowers(stage, near, horizon + 0.14, 40)


def _spire(stage: Stage, surface: Surface, foot: tuple[float, float], height: float) -> None:
    x, y = foot
    wall = stage.slope(hexed("cbbfae"), (y - height, y), distance=0.5, lit=(0.7, 0.4))
    surface.fill(box(x - 0.09 * height, y - 0.55 * height, x + 0.09 * height, y), wall)
    surface.fill(box(x, y - 0.3 * height, x + 0.42 * height, y), wall)
    roof = [
        quad((x - 0.11 * height, y - 0.54 * height), (x, y - height), (x + 0.11 * height, y - 0.54 * height)),
        quad(
            (x + 0.07 * height, y - 0.29 * height),
            (x + 0.14 * height, y - 0.46 * height),
            (x + 0.38 * height, y - 0.46 * height),
            (x + 0.45 * height, y - 0.29 * height),
        ),
    ]
    surface.fill_many(roof, stage.paint(nature.whitened(stage, hexed("6a6f7c")), distance=0.5, lit=0.5))


def paint_castle(stage: Stage) -> None:
    """A castle on its hill, a road winding up."""
    horizon, aspect = stage.horizon, stage.aspect
    paint_sky(stage)
    far = stage.layer(0.14)
    nature.mountains(stage, far, horizon, 0.16, distance=0.85)
    nature.hills(stage, far, horizon - 0.01, 0.05, distance=0.65, albedo=nature.PINE)
    middle = stage.layer(0.34)
    centre = aspect * 0.60
    mound = np.array(
        [
            (centre - 0.95, horizon + 0.12),
            (centre - 0.50, horizon + 0.0),
            (centre - 0.36, horizon - 0.055),
            (centre + 0.36, horizon - 0.055),
            (centre + 0.52, horizon + 0.01),
            (centre + 0.95, horizon + 0.12),
        ]
    )
    built.castle(stage, middle, (centre, horizon - 0.035), 0.46 * stage.unit, distance=0.2)
    middle.fill(
        mound,
        stage.slope(
            nature.whitened(stage, mix(nature.GRASS, nature.STONE, 0.35)),
            (horizon - 0.06, horizon + 0.12),
            distance=0.30,
            lit=(0.9, 0.3),
        ),
        soft=0.003,
    )
    nature.treeline(stage, middle, horizon + 0.085, 0.05, distance=0.26, share_of_pines=0.5)
    near = stage.layer(1.0)
    nature.ground(stage, near, horizon + 0.075, nature.GRASS)
    nature.grass(stage, near, horizon + 0.09, density=0.8)
    built.path(
        stage,
        near,
        [(0.36 * aspect, 1.06), (0.42 * aspect, 0.84), (0.54 * aspect, 0.73), (0.58 * aspect, horizon + 0.08)],
        (0.44 * stage.unit, 0.03),
        DIRT,
    )
    for place in (0.04, 0.10, 0.95):
        nature.conifer(stage, near, (aspect * place, horizon + 0.13), 0.32 * stage.unit, distance=0.08)
    for place, drop in ((0.17, 0.19), (0.84, 0.17)):
        nature.rock(stage, near, (aspect * place, horizon + drop), 0.045 * stage.unit)
    nature.foreground_grass(stage)
