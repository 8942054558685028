"""A great hall."""

import numpy as np

from gpu_worker.pipelines.animatic import architecture as built
from gpu_worker.pipelines.animatic.interiors import coat, indoors, opened, towards
from gpu_worker.pipelines.animatic.light import hexed, mix, scaled
from gpu_worker.pipelines.animatic.shapes import Points, box, ellipse, quad
from gpu_worker.pipelines.animatic.skies import paint_sky
from gpu_worker.pipelines.animatic.stage import Stage
from gpu_worker.pipelines.animatic.surface import Surface, plain


def paint_hall(stage: Stage) -> None:
    """A great hall: columns, tall windows, banners, a patterned floor."""
    aspect = stage.aspect
    paint_sky(stage, foot=0.7)
    stone = hexed("b3a797")
    floor = stage.horizon + 0.09
    shell = stage.layer(1.0)
    shell.wash(coat(stage, stone, (0.0, floor), (0.22, 0.55)))
    places = [aspect * share for share in ((0.2, 0.5, 0.8) if aspect > 1.1 else (0.3, 0.7))]
    _tiles(stage, shell, floor)
    for x in places:
        _tall_window(stage, shell, x, floor)
    gaps = [aspect * share for share in ((0.04, 0.35, 0.65, 0.96) if aspect > 1.1 else (0.04, 0.5, 0.96))]
    for x in gaps:
        _column(stage, shell, x, floor)
    for x in gaps[1:-1]:
        _banner(stage, shell, x)
    shell.haze(stage.light.haze, floor - 0.25, floor + 0.02, 0.10)
    near = stage.layer(1.5)
    side = 0.0 if stage.light.towards[0] > 0 else aspect
    near.fill(
        box(side - 0.11 * stage.unit, -0.1, side + 0.11 * stage.unit, 1.1),
        coat(stage, scaled(stone, 0.34), (0, 1), (0.35, 0.3)),
        soft=0.005,
    )


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
    surface.fill_many(dark, coat(stage, hexed("6f5648"), (floor, 1.0), (0.65, 0.5), 0.10), opacity=0.8)


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
    light = mix(stage.light.sky[-1][1], stage.light.sun_colour, 0.5)
    slant = -0.24 * np.sign(stage.light.towards[0])
    beam = quad(
        (x - half, top + 0.06),
        (x + half, top + 0.06),
        (x + half + slant + 0.06, floor + 0.22),
        (x - half + slant - 0.02, floor + 0.22),
    )
    surface.fill(beam, plain(light, 0), opacity=0.10 if not stage.light.is_dark else 0.05, soft=0.020)


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
    for shift, width, lit, opacity in (
        (0.5, 0.30, 1.1, 0.5),
        (-0.62, 0.40, 0.02, 0.5),
        (-0.1, 0.05, 0.1, 0.25),
        (0.25, 0.05, 0.1, 0.25),
    ):
        middle = x + toward * shift * half
        surface.fill(
            box(middle - width * half, -0.1, middle + width * half, floor + 0.03),
            plain(indoors(stage, stone, lit)),
            opacity=opacity,
            soft=0.006,
        )
    for y, reach in ((floor + 0.005, 1.35), (floor + 0.028, 1.6)):
        surface.fill(
            box(x - reach * half, y - 0.012, x + reach * half, y + 0.016),
            coat(stage, stone, (y - 0.01, y + 0.02), (0.8, 0.45)),
        )


def _banner(stage: Stage, surface: Surface, x: float) -> None:
    half, red = 0.036 * stage.unit, hexed("8f2f38")
    cloth = quad((x - half, 0.10), (x + half, 0.10), (x + half, 0.40), (x, 0.45), (x - half, 0.40))
    surface.fill(cloth, coat(stage, red, (0.1, 0.45), (0.8, 0.6), 0.08))
    surface.fill(
        quad((x - 0.45 * half, 0.26), (x, 0.21), (x + 0.45 * half, 0.26), (x, 0.31)),
        coat(stage, hexed("d9b25a"), (0.2, 0.3), (0.9, 0.8)),
    )
    surface.fill(box(x - 1.25 * half, 0.088, x + 1.25 * half, 0.104), coat(stage, hexed("c9a24a"), (0, 1), (0.8, 0.8)))
