"""A lived-in room."""

import numpy as np

from gpu_worker.pipelines.animatic import architecture as built
from gpu_worker.pipelines.animatic import nature
from gpu_worker.pipelines.animatic.interiors import coat, indoors, towards
from gpu_worker.pipelines.animatic.light import Colour, hexed, mix, scaled
from gpu_worker.pipelines.animatic.shapes import Points, blob, box, curve, ellipse, quad, taper
from gpu_worker.pipelines.animatic.skies import paint_sky
from gpu_worker.pipelines.animatic.stage import Stage
from gpu_worker.pipelines.animatic.surface import Paint, Surface, plain

PAPERS = (hexed("b7c4a8"), hexed("d8c3a2"), hexed("a9bccb"), hexed("cfae9d"), hexed("c3b6cf"))
WOOD = hexed("9a6b45")


def paint_room(stage: Stage) -> None:
    """A lived-in room: window, wallpaper, boards, rug, shelf, table and lamp."""
    aspect, rng = stage.aspect, stage.rng
    is_window_right = bool(rng.integers(2))
    # Light comes in at the window, which stays where it is from dawn to night.
    stage.light = stage.light.from_side(1 if is_window_right else -1)
    _view(stage)
    floor = stage.horizon + 0.10
    paper = PAPERS[int(rng.integers(len(PAPERS)))]
    shell = stage.layer(1.0)
    shell.wash(coat(stage, paper, (0.0, floor), (0.42, 0.66)))
    _wallpaper(stage, shell, floor, paper)
    shell.fill(
        box(-0.1, floor - 0.15, aspect + 0.1, floor),
        coat(stage, mix(paper, (1, 1, 1), 0.45), (floor - 0.15, floor), (0.7, 0.5)),
    )
    shell.fill_many(
        [box(-0.1, floor - 0.155, aspect + 0.1, floor - 0.145), box(-0.1, floor - 0.028, aspect + 0.1, floor)],
        coat(stage, mix(paper, (1, 1, 1), 0.6), (0, 1), (0.85, 0.85)),
    )
    _boards(stage, shell, floor)
    left = aspect * (0.60 if is_window_right else 0.16)
    frame = (left, 0.14, left + 0.30 * stage.unit, floor - 0.20)
    _shelf(stage, shell, (aspect * (0.10 if is_window_right else 0.68), floor), 0.28 * stage.unit)
    _pictures(stage, shell, aspect * 0.42)
    _window_light(stage, shell, frame, floor)
    _window_hole(stage, shell, frame)
    _rug(stage, shell, (aspect * 0.5, floor + 0.20))
    _lamp(stage, shell, (aspect * (0.865 if is_window_right else 0.135), floor + 0.05), 0.42 * stage.unit)
    near = stage.layer(1.45)
    _table(stage, near, aspect * (0.06 if is_window_right else 0.94))


def _view(stage: Stage) -> None:
    """What is seen through the windows."""
    paint_sky(stage, foot=0.55)
    garden = stage.layer(0.22)
    nature.hills(stage, garden, 0.42, 0.05, distance=0.6)
    nature.treeline(stage, garden, 0.50, 0.07, distance=0.35, share_of_pines=0.2)


def _wallpaper(stage: Stage, surface: Surface, floor: float, paper: Colour) -> None:
    step = 0.062
    sprigs: list[Points] = []
    for row, y in enumerate(np.arange(0.02, floor - 0.17, step)):
        for x in np.arange(0.5 * step * (row % 2), stage.aspect, step):
            sprigs += [
                ellipse((x, y), 0.0035, 0.009),
                ellipse((x - 0.007, y + 0.004), 0.0055, 0.0028),
                ellipse((x + 0.007, y + 0.004), 0.0055, 0.0028),
            ]
    surface.fill_many(sprigs, coat(stage, mix(paper, (1, 1, 1), 0.4), (0, floor), (0.55, 0.8)), opacity=0.42)


def _boards(stage: Stage, surface: Surface, floor: float) -> None:
    """Floorboards that run towards the viewer to one vanishing point."""
    rng, aspect = stage.rng, stage.aspect
    surface.fill(box(-0.1, floor, aspect + 0.1, 1.1), coat(stage, WOOD, (floor, 1.0), (0.75, 0.5)))
    vanish = (aspect / 2, stage.horizon - 0.16)
    light, seams, ends = list[Points](), list[Points](), list[Points]()
    for x in np.arange(-aspect * 1.6, aspect * 2.6, 0.15):
        left, right = towards(vanish, (x, 1.1), floor), towards(vanish, (x + 0.15, 1.1), floor)
        if rng.uniform() < 0.4:
            light.append(quad(left, right, (x + 0.15, 1.1), (x, 1.1)))
        seams.append(quad(left, (left[0] + 0.0012, left[1]), (x + 0.0045, 1.1), (x, 1.1)))
        y = floor + (1.1 - floor) * float(rng.uniform(0.1, 0.8))
        a, b = towards(vanish, (x, 1.1), y), towards(vanish, (x + 0.15, 1.1), y)
        ends.append(quad(a, b, (b[0], b[1] + 0.003), (a[0], a[1] + 0.003)))
    surface.fill_many(light, coat(stage, mix(WOOD, hexed("d2a676"), 0.35), (floor, 1.0), (0.8, 0.6)), opacity=0.55)
    surface.fill_many([*seams, *ends], coat(stage, scaled(WOOD, 0.45), (floor, 1.0)), opacity=0.6)
    surface.fill(
        box(-0.1, floor - 0.004, aspect + 0.1, floor + 0.018),
        plain(indoors(stage, (0.12, 0.09, 0.07), 0.3)),
        opacity=0.4,
        soft=0.008,
    )


def _window_hole(stage: Stage, surface: Surface, frame: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = frame
    trim = coat(stage, hexed("f4ecdc"), (top, bottom), (0.9, 0.8))
    surface.fill(box(left - 0.028, top - 0.030, right + 0.028, bottom + 0.028), trim)
    surface.fill(box(left - 0.045, bottom + 0.022, right + 0.045, bottom + 0.042), trim)
    rows = slice(round(top * surface.height), round(bottom * surface.height))
    columns = slice(round(left * surface.height), round(right * surface.height))
    surface.rgba[rows, columns] = 0
    bars = [
        box((left + right) / 2 - 0.006, top, (left + right) / 2 + 0.006, bottom),
        box(left, top + 0.40 * (bottom - top) - 0.006, right, top + 0.40 * (bottom - top) + 0.006),
    ]
    surface.fill_many(bars, trim)
    _curtains(stage, surface, frame)


def _curtains(stage: Stage, surface: Surface, frame: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = frame
    cloth = mix(hexed("b5564a"), hexed("4f7d8c"), float(stage.rng.integers(2)))
    width = 0.30 * (right - left)
    for edge, sign in ((left - 0.04, 1), (right + 0.04, -1)):
        outer, inner = edge - sign * 0.01, edge + sign * width
        shape = np.vstack(
            [
                curve(
                    [
                        (inner, top - 0.03),
                        (edge + sign * 0.62 * width, (top + bottom) / 2),
                        (edge + sign * 0.75 * width, bottom + 0.10),
                    ]
                ),
                [[outer, bottom + 0.10], [outer, top - 0.03]],
            ]
        )
        surface.fill(shape, coat(stage, cloth, (top, bottom), (0.75, 0.55)))
        folds = [
            taper(
                [(edge + sign * share * width, top - 0.03), (edge + sign * share * width * 0.75, bottom + 0.10)],
                [0.004, 0.012],
            )
            for share in (0.12, 0.38, 0.64)
        ]
        surface.fill_many(folds, coat(stage, scaled(cloth, 0.6), (top, bottom)), opacity=0.55, soft=0.004)
    surface.fill(
        box(left - 0.085, top - 0.045, right + 0.085, top - 0.032), coat(stage, hexed("6b4a33"), (0, 1), (0.7, 0.7))
    )


def _window_light(stage: Stage, surface: Surface, frame: tuple[float, float, float, float], floor: float) -> None:
    """The patch of light that falls through the window onto the floor."""
    left, _, right, _ = frame
    slant = -0.16 * np.sign(stage.light.towards[0])
    patch = quad(
        (left + slant, floor + 0.05),
        (right + slant, floor + 0.05),
        (right + 2.2 * slant + 0.04, floor + 0.22),
        (left + 2.2 * slant - 0.04, floor + 0.22),
    )
    colour = mix(stage.light.sky[-1][1], stage.light.sun_colour, 0.6)
    surface.fill(patch, plain(colour), opacity=0.22 if not stage.light.is_dark else 0.10, soft=0.014)
    surface.glow(((left + right) / 2, 0.36), 0.5, colour, 0.22 if not stage.light.is_dark else 0.06)


def _shelf(stage: Stage, surface: Surface, foot: tuple[float, float], width: float) -> None:
    rng = stage.rng
    x, y = foot
    top = y - 1.75 * width
    surface.fill(
        box(x - 0.02, y - 0.004, x + width + 0.02, y + 0.02), plain((0.08, 0.06, 0.05)), opacity=0.35, soft=0.012
    )
    surface.fill(box(x, top, x + width, y + 0.005), coat(stage, scaled(WOOD, 0.75), (top, y), (0.75, 0.5)))
    for level in np.linspace(top + 0.05 * width, y - 0.42 * width, 4):
        surface.fill(
            box(x + 0.05 * width, level, x + 0.95 * width, level + 0.34 * width),
            coat(stage, hexed("4a3222"), (level, level + 0.3 * width), (0.3, 0.45)),
        )
        at = x + 0.07 * width
        while at < x + 0.86 * width:
            thick, tall = width * rng.uniform(0.035, 0.075), width * rng.uniform(0.20, 0.30)
            colour = (
                hexed("a8483f"),
                hexed("47697d"),
                hexed("c49a4a"),
                hexed("5d7a55"),
                hexed("7d5a78"),
                hexed("d8ccb0"),
            )[int(rng.integers(6))]
            if rng.uniform() < 0.88:
                surface.fill(
                    box(at, level + 0.34 * width - tall, at + thick, level + 0.34 * width),
                    coat(stage, colour, (level, level + 0.34 * width), (0.8, 0.55)),
                )
            at += thick * 1.06


def _pictures(stage: Stage, surface: Surface, x: float) -> None:
    for shift, y, w, h in ((0.0, 0.20, 0.10, 0.13), (0.135, 0.24, 0.075, 0.075)):
        left = x + shift - 0.05
        surface.fill(
            box(left - 0.012, y - 0.008, left + w + 0.016, y + h + 0.016),
            plain((0.08, 0.06, 0.05)),
            opacity=0.30,
            soft=0.006,
        )
        surface.fill(
            box(left - 0.010, y - 0.010, left + w + 0.010, y + h + 0.010),
            coat(stage, hexed("8a6234"), (y, y + h), (0.9, 0.6)),
        )
        surface.fill(box(left, y, left + w, y + h), coat(stage, hexed("a9c4cc"), (y, y + h), (0.9, 0.8)))
        surface.fill(
            quad(
                (left, y + h),
                (left, y + 0.62 * h),
                (left + 0.35 * w, y + 0.45 * h),
                (left + 0.6 * w, y + 0.66 * h),
                (left + w, y + 0.5 * h),
                (left + w, y + h),
            ),
            coat(stage, hexed("6f8a5d"), (y, y + h), (0.8, 0.5)),
        )


def _rug(stage: Stage, surface: Surface, centre: tuple[float, float]) -> None:
    for reach, colour in (
        (1.0, hexed("8f3f3f")),
        (0.90, hexed("d9bd8a")),
        (0.84, hexed("9d4a45")),
        (0.52, hexed("c99a63")),
        (0.47, hexed("7f3a40")),
    ):
        outline = ellipse(centre, 0.46 * reach * stage.unit, 0.105 * reach)
        surface.fill(outline, coat(stage, colour, (centre[1] - 0.1, centre[1] + 0.1), (0.6, 0.55)))


def _lamp(stage: Stage, surface: Surface, foot: tuple[float, float], height: float) -> None:
    x, y = foot
    surface.fill(ellipse((x, y), 0.09 * height, 0.025 * height), plain(indoors(stage, hexed("3d3028"), 0.4)))
    surface.fill(
        taper([(x, y), (x, y - 0.8 * height)], [0.03 * height, 0.022 * height]),
        plain(indoors(stage, hexed("4d3c30"), 0.6)),
    )
    shade = quad(
        (x - 0.10 * height, y - height),
        (x + 0.10 * height, y - height),
        (x + 0.17 * height, y - 0.72 * height),
        (x - 0.17 * height, y - 0.72 * height),
    )
    lit = stage.light.lamps
    colour = mix(indoors(stage, hexed("e8d3a8"), 0.7), built.LAMP, lit)
    surface.fill(shade, Paint(colour, mix(colour, (1, 0.95, 0.8), 0.3 * lit), y - height, y - 0.72 * height))
    if lit > 0.2:
        surface.glow((x, y - 0.78 * height), 0.36, built.LAMP, 0.42 * lit)


def _table(stage: Stage, surface: Surface, x: float) -> None:
    top = 0.93
    surface.fill(
        ellipse((x, top + 0.03), 0.30 * stage.unit, 0.055),
        coat(stage, scaled(WOOD, 0.5), (top, top + 0.1), (0.55, 0.4)),
        soft=0.004,
    )
    surface.fill(
        box(x - 0.30 * stage.unit, top + 0.03, x + 0.30 * stage.unit, 1.1),
        coat(stage, scaled(WOOD, 0.32), (top, 1.0), (0.4, 0.3)),
        soft=0.004,
    )
    vase = blob(stage.rng, (x, top - 0.045), 0.040, wobble=0.02, flat=1.25)
    surface.fill(vase, coat(stage, hexed("5d7f92"), (top - 0.1, top), (0.6, 0.3)), soft=0.004)
