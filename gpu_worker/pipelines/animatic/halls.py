"""A great hall."""

from itertools import pairwise

import numpy as np

from gpu_worker.pipelines.animatic import architecture as built
from gpu_worker.pipelines.animatic.interiors import coat, indoors, opened, towards
from gpu_worker.pipelines.animatic.light import Colour, hexed, mix, scaled
from gpu_worker.pipelines.animatic.shapes import Points, box, ellipse, quad
from gpu_worker.pipelines.animatic.skies import paint_sky
from gpu_worker.pipelines.animatic.stage import Stage
from gpu_worker.pipelines.animatic.surface import Surface, plain


def paint_hall(stage: Stage) -> None:
    """A great hall: columns and arches, tall windows, banners, a carpet on a patterned floor."""
    aspect = stage.aspect
    paint_sky(stage, foot=0.7)
    stone = hexed("a3927f")
    floor = stage.horizon + 0.09
    shell = stage.layer(1.0)
    shell.wash(coat(stage, stone, (0.0, floor), (0.22, 0.85)))
    _courses(stage, shell, floor, stone)
    places = [aspect * share for share in ((0.2, 0.5, 0.8) if aspect > 1.1 else (0.3, 0.7))]
    _tiles(stage, shell, floor)
    for x in places:
        _tall_window(stage, shell, x, floor)
    gaps = [aspect * share for share in ((0.04, 0.35, 0.65, 0.96) if aspect > 1.1 else (0.04, 0.5, 0.96))]
    _vault(stage, shell, gaps, stone)
    for x in gaps:
        _column(stage, shell, x, floor)
    for x in gaps[1:-1]:
        _banner(stage, shell, x)
    _carpet(stage, shell, floor)
    for x in places:
        _beam(stage, shell, x, floor)
    near = stage.layer(1.5)
    side = aspect * int(stage.rng.integers(2))
    dark = coat(stage, scaled(stone, 0.34), (0, 1), (0.35, 0.3))
    near.fill(box(side - 0.11 * stage.unit, -0.1, side + 0.11 * stage.unit, 1.1), dark, soft=0.005)


def _courses(stage: Stage, surface: Surface, floor: float, stone: Colour) -> None:
    """Faint blocks of masonry."""
    rng = stage.rng
    light, dark = list[Points](), list[Points]()
    for row, y in enumerate(np.arange(0.0, floor, 0.062)):
        for x in np.arange(-0.14 + 0.07 * (row % 2), stage.aspect + 0.1, 0.14):
            block = box(x + 0.003, y + 0.003, x + 0.137, y + 0.059)
            if rng.uniform() < 0.4:
                (light if rng.uniform() < 0.5 else dark).append(block)
    surface.fill_many(light, coat(stage, mix(stone, (1, 1, 1), 0.25), (0, floor), (0.10, 0.7)), opacity=0.35)
    surface.fill_many(dark, coat(stage, scaled(stone, 0.7), (0, floor), (0.05, 0.55)), opacity=0.35)


def _vault(stage: Stage, surface: Surface, gaps: list[float], stone: Colour) -> None:
    """Pointed arches that spring from column to column, dark vaulting above them."""
    for left, right in pairwise(gaps):
        half, middle = (right - left) / 2, (left + right) / 2
        share = np.linspace(-1, 1, 40)
        line = 0.045 + 0.20 * np.abs(share) ** 2.4
        inner = np.stack([middle + share * half, line], 1)
        above = np.vstack([[[left, -0.1]], inner, [[right, -0.1]]])
        surface.fill(above, coat(stage, scaled(stone, 0.42), (0.0, 0.25), (0.10, 0.35)))
        rib = np.vstack([inner, (inner + np.array([0.0, 0.022]))[::-1]])
        surface.fill(rib, coat(stage, mix(stone, (1, 1, 1), 0.2), (0.0, 0.3), (0.45, 0.6)))


def _carpet(stage: Stage, surface: Surface, floor: float) -> None:
    """A long carpet that comes towards the viewer."""
    vanish = (stage.aspect / 2, stage.horizon - 0.12)
    for half, albedo in ((0.40, hexed("c9a24a")), (0.37, hexed("8f2f38"))):
        half *= max(stage.unit, 0.6)  # noqa: PLW2901 - the carpet narrows with the picture
        near = (stage.aspect / 2 - half, 1.12), (stage.aspect / 2 + half, 1.12)
        far = towards(vanish, near[0], floor + 0.012), towards(vanish, near[1], floor + 0.012)
        surface.fill(quad(near[0], near[1], far[1], far[0]), coat(stage, albedo, (floor, 1.0), (0.7, 0.5)))


def _beam(stage: Stage, surface: Surface, x: float, floor: float) -> None:
    """Light that falls in through a window and lies on the floor."""
    half, slant = 0.075 * stage.unit, -0.26 * float(np.sign(stage.light.towards[0]))
    light = mix(stage.light.sky[-1][1], stage.light.sun_colour, 0.6)
    strength = 0.15 if not stage.light.is_dark else 0.06
    shaft = quad(
        (x - half, 0.12),
        (x + half, 0.12),
        (x + half + slant + 0.07, floor + 0.22),
        (x - half + slant - 0.03, floor + 0.22),
    )
    surface.fill(shaft, plain(light), opacity=strength, soft=0.020)
    pool = ellipse((x + slant + 0.02, floor + 0.20), 0.15 * stage.unit, 0.03)
    surface.fill(pool, plain(light), opacity=strength * 1.6, soft=0.02)


def _tiles(stage: Stage, surface: Surface, floor: float) -> None:
    aspect = stage.aspect
    base = hexed("a8937c")
    surface.fill(box(-0.1, floor, aspect + 0.1, 1.1), coat(stage, base, (floor, 1.0), (0.75, 0.5)))
    vanish = (aspect / 2, stage.horizon - 0.12)
    rows = [floor + (1.12 - floor) * (share**1.9) for share in np.linspace(0, 1, 10)]
    dark: list[Points] = []
    for row, (low, high) in enumerate(zip(rows[1:], rows, strict=False)):
        for column in range(-16, 17):
            if (row + column) % 2:
                x = aspect / 2 + column * 0.24
                dark.append(
                    quad(
                        towards(vanish, (x, 1.12), high),
                        towards(vanish, (x + 0.24, 1.12), high),
                        towards(vanish, (x + 0.24, 1.12), low),
                        towards(vanish, (x, 1.12), low),
                    )
                )
    surface.fill_many(dark, coat(stage, hexed("6f5648"), (floor, 1.0), (0.65, 0.5)), opacity=0.8)


def _tall_window(stage: Stage, surface: Surface, x: float, floor: float) -> None:
    half, top, bottom = 0.075 * stage.unit, 0.08, floor - 0.16
    outline = built.arch((x, bottom + 0.02), half + 0.020, bottom - top + 0.05)
    surface.fill(outline, coat(stage, hexed("c9bda9"), (top, bottom), (0.75, 0.6)))
    hole = built.arch((x, bottom), half, bottom - top)
    opened(surface, hole)
    lead = coat(stage, hexed("5a5048"), (top, bottom), (0.4, 0.4))
    bars = [box(x - 0.004, top, x + 0.004, bottom)] + [
        box(x - half, y, x + half, y + 0.005) for y in np.arange(top + 0.10, bottom, 0.09)
    ]
    surface.fill_many(bars, lead)


def _column(stage: Stage, surface: Surface, x: float, floor: float) -> None:
    half, stone = 0.052 * stage.unit, hexed("b8ab98")
    toward = float(np.sign(stage.light.towards[0]))
    surface.fill(
        ellipse((x - toward * 0.05, floor + 0.035), 0.14 * stage.unit, 0.02),
        plain((0.06, 0.05, 0.05)),
        opacity=0.35,
        soft=0.014,
    )
    surface.fill(box(x - half, -0.1, x + half, floor + 0.03), coat(stage, stone, (0, floor), (0.35, 0.6)))
    for step in np.linspace(-1, 1, 9):
        # A round shaft: brightest a third of the way to the light, dark at the far side.
        lit = 1.15 * np.exp(-(((step * toward - 0.38) / 0.55) ** 2))
        strip = box(x + (step - 0.13) * half, -0.1, x + (step + 0.13) * half, floor + 0.03)
        surface.fill(strip, plain(indoors(stage, stone, float(lit) - 0.12)), opacity=0.75, soft=0.004)
    for y, reach in ((floor + 0.005, 1.35), (floor + 0.028, 1.6)):
        surface.fill(
            box(x - reach * half, y - 0.012, x + reach * half, y + 0.016),
            coat(stage, stone, (y - 0.01, y + 0.02), (0.8, 0.45)),
        )


def _banner(stage: Stage, surface: Surface, x: float) -> None:
    half, red = 0.036 * stage.unit, hexed("8f2f38")
    cloth = quad((x - half, 0.10), (x + half, 0.10), (x + half, 0.40), (x, 0.45), (x - half, 0.40))
    surface.fill(cloth, coat(stage, red, (0.1, 0.45), (0.8, 0.6)))
    surface.fill(
        quad((x - 0.45 * half, 0.26), (x, 0.21), (x + 0.45 * half, 0.26), (x, 0.31)),
        coat(stage, hexed("d9b25a"), (0.2, 0.3), (0.9, 0.8)),
    )
    surface.fill(box(x - 1.25 * half, 0.088, x + 1.25 * half, 0.104), coat(stage, hexed("c9a24a"), (0, 1), (0.8, 0.8)))
