"""Things people built: houses, town blocks, towers, castles, fences, roads and lamps."""

import numpy as np

from gpu_worker.pipelines.animatic.light import Colour, hexed, mix, scaled
from gpu_worker.pipelines.animatic.nature import SNOW, STONE, whitened
from gpu_worker.pipelines.animatic.shapes import Points, box, curve, ellipse, quad, taper
from gpu_worker.pipelines.animatic.stage import Stage
from gpu_worker.pipelines.animatic.surface import Paint, Surface, plain

LAMP: Colour = hexed("ffd27a")
WALLS = (hexed("ead9b8"), hexed("d9b48f"), hexed("e6e0d4"), hexed("c9a58a"), hexed("d8c9a0"))
ROOFS = (hexed("a8523f"), hexed("7d4a3d"), hexed("5f6573"), hexed("8f5f42"))
TIMBER = hexed("5b4030")


def window(stage: Stage, surface: Surface, frame: tuple[float, float, float, float], *, distance: float = 0.0) -> None:
    """A window with glazing bars; lit from inside when lamps are."""
    left, top, right, bottom = frame
    width = right - left
    lamps = stage.light.lamps
    glass = mix(stage.light.shade(hexed("5d7487"), distance, 0.6), LAMP, 0.88 * lamps)
    edge = stage.light.shade(hexed("f0e8d8"), distance, 0.5)
    surface.fill(box(left - 0.10 * width, top - 0.08 * width, right + 0.10 * width, bottom + 0.10 * width), plain(edge))
    surface.fill(box(*frame), Paint(glass, mix(glass, (0.2, 0.15, 0.12), 0.25), top, bottom))
    bars = [
        box((left + right) / 2 - 0.04 * width, top, (left + right) / 2 + 0.04 * width, bottom),
        box(left, (top + bottom) / 2 - 0.035 * width, right, (top + bottom) / 2 + 0.035 * width),
    ]
    surface.fill_many(bars, plain(edge))
    if lamps > 0.2:
        surface.glow(((left + right) / 2, (top + bottom) / 2), width * 1.6, LAMP, 0.35 * lamps)


def house(stage: Stage, surface: Surface, foot: tuple[float, float], size: float, *, distance: float = 0.0) -> None:
    """A cottage: two faces, gabled roof, door, windows, chimney."""
    rng = stage.rng
    x, y = foot
    wall = WALLS[int(rng.integers(len(WALLS)))]
    roof = whitened(stage, ROOFS[int(rng.integers(len(ROOFS)))], 0.8)
    half, high = 0.55 * size, 0.55 * size
    toward = np.sign(stage.light.towards[0])
    front_lit, side_lit = (0.9, 0.2) if toward < 0 else (0.45, 0.95)
    gable = [
        (x - half, y),
        (x - half, y - high),
        (x - half * 0.25, y - high * 1.75),
        (x + half * 0.5, y - high),
        (x + half * 0.5, y),
    ]
    surface.fill(
        ellipse((x + 0.1 * size, y + 0.01), size * 0.95, size * 0.07),
        stage.paint((0.16, 0.16, 0.15), lit=0),
        opacity=0.45,
        soft=0.01,
    )
    surface.fill(
        box(x - 0.05 * size + half * 0.5, y - 1.45 * high - 0.2 * size, x + 0.09 * size + half * 0.5, y - high),
        stage.paint(scaled(wall, 0.7), distance=distance, lit=0.3),
    )
    side = quad(
        (x + half * 0.5, y), (x + half * 0.5, y - high), (x + half * 1.75, y - high), (x + half * 1.75, y - 0.03 * size)
    )
    surface.fill(side, stage.slope(wall, (y - high, y), distance=distance, lit=(side_lit, side_lit - 0.25)))
    surface.fill(
        np.array(gable), stage.slope(wall, (y - 1.7 * high, y), distance=distance, lit=(front_lit, front_lit - 0.25))
    )
    surface.fill(
        quad(
            (x - half * 0.25, y - high * 1.80),
            (x + half * 1.15, y - high * 1.76),
            (x + half * 1.90, y - high * 0.92),
            (x + half * 0.58, y - high * 0.90),
        ),
        stage.slope(roof, (y - 1.8 * high, y - high), distance=distance, lit=(side_lit + 0.1, side_lit - 0.2)),
    )
    eaves = np.array(
        [(x - half * 1.12, y - high * 0.88), (x - half * 0.25, y - high * 1.80), (x + half * 0.60, y - high * 0.90)]
    )
    surface.stroke(eaves, stage.paint(scaled(roof, 0.8), distance=distance, lit=0.4), 0.055 * size)
    _openings(stage, surface, (x, y), size, distance)


def _openings(stage: Stage, surface: Surface, foot: tuple[float, float], size: float, distance: float) -> None:
    x, y = foot
    door = box(x - 0.29 * size, y - 0.32 * size, x - 0.12 * size, y)
    surface.fill(door, stage.slope(TIMBER, (y - 0.32 * size, y), distance=distance, lit=(0.6, 0.2)))
    window(stage, surface, (x + 0.02 * size, y - 0.40 * size, x + 0.17 * size, y - 0.22 * size), distance=distance)
    for shift in (0.42, 0.70):
        window(
            stage,
            surface,
            (x + shift * size, y - 0.40 * size, x + (shift + 0.13) * size, y - 0.22 * size),
            distance=distance,
        )


def block(stage: Stage, surface: Surface, frame: tuple[float, float, float, float], *, distance: float) -> None:
    """A town building as a front with rows of windows and a cornice."""
    rng = stage.rng
    left, top, right, bottom = frame
    wall = mix(WALLS[int(rng.integers(len(WALLS)))], hexed("8d7f86"), 0.35)
    lit = float(rng.uniform(0.25, 0.8))
    surface.fill(box(*frame), stage.slope(wall, (top, bottom), distance=distance, lit=(lit, lit - 0.2)))
    edge = (left, right)[int(stage.light.towards[0] < 0)]
    surface.fill(
        box(edge - 0.012, top, edge + 0.012, bottom),
        stage.paint(scaled(wall, 0.7), distance=distance, lit=0),
        opacity=0.4,
        soft=0.004,
    )
    surface.fill(
        box(left - 0.006, top - 0.010, right + 0.006, top + 0.008),
        stage.paint(whitened(stage, scaled(wall, 0.85)), distance=distance, lit=0.7),
    )
    _panes(stage, surface, frame, distance)


def _panes(stage: Stage, surface: Surface, frame: tuple[float, float, float, float], distance: float) -> None:
    rng = stage.rng
    left, top, right, bottom = frame
    columns = max(2, round((right - left) / 0.052))
    step = (right - left) / columns
    dark, lit = list[Points](), list[Points]()
    for row in np.arange(top + 0.035, bottom - 0.05, 0.068):
        for column in range(columns):
            x = left + (column + 0.5) * step
            pane = box(x - 0.27 * step, row, x + 0.27 * step, row + 0.040)
            (lit if rng.uniform() < 0.62 * stage.light.lamps else dark).append(pane)
    surface.fill_many(dark, stage.paint(hexed("4a5668"), distance=distance, lit=0.35))
    glow = mix(LAMP, stage.light.haze, min(0.5, distance * 0.5))
    surface.fill_many(lit, plain(glow))
    surface.fill_many(lit, plain(glow), opacity=0.25, soft=0.010)


def tower(
    stage: Stage,
    surface: Surface,
    foot: tuple[float, float],
    size: tuple[float, float],
    *,
    distance: float,
    is_pointed: bool,
) -> None:
    """A round stone tower with battlements or a pointed roof."""
    x, y = foot
    width, height = size
    _shaft(stage, surface, foot, size, distance)
    if is_pointed:
        _spire(stage, surface, (x, y - height), width, distance)
    else:
        half, stone = width / 2, whitened(stage, hexed("a9a29a"), 0.25)
        merlons = [
            box(
                x + half * (-1.18 + 0.52 * step),
                y - height - 0.42 * width,
                x + half * (-0.86 + 0.52 * step),
                y - height,
            )
            for step in range(5)
        ]
        surface.fill_many(merlons, stage.paint(stone, distance=distance, lit=0.7))
    dark = stage.light.shade(hexed("3a3a40"), distance, 0.2)
    slits = [
        box(x - 0.07 * width, y - height * share, x + 0.07 * width, y - height * share + 0.30 * width)
        for share in (0.85, 0.5)
    ]
    surface.fill_many(slits, plain(mix(dark, LAMP, stage.light.lamps * 0.9)))


def _shaft(
    stage: Stage, surface: Surface, foot: tuple[float, float], size: tuple[float, float], distance: float
) -> None:
    """The tower's round body: a lit band towards the light, a shaded one away from it, and the rim on top."""
    x, y = foot
    width, height = size
    half, toward = width / 2, float(np.sign(stage.light.towards[0]))
    stone = whitened(stage, hexed("a9a29a"), 0.25)
    top, bottom = y - height, y + 0.02
    body = stage.slope(stone, (top, y), distance=distance, lit=(0.55, 0.35))
    surface.fill(box(x - half, top, x + half, bottom), body)
    lit = sorted((x + toward * half, x + toward * half * 0.2))
    surface.fill(
        box(lit[0], top, lit[1], bottom), stage.paint(stone, distance=distance, lit=1.2), opacity=0.6, soft=0.004
    )
    shade = sorted((x - toward * half, x - toward * half * 0.45))
    shadow = stage.paint(scaled(stone, 0.6), distance=distance, lit=0.0)
    surface.fill(box(shade[0], top, shade[1], bottom), shadow, opacity=0.5, soft=0.004)
    rim = box(x - half * 1.18, top - 0.18 * width, x + half * 1.18, top + 0.12 * width)
    surface.fill(rim, stage.paint(stone, distance=distance, lit=0.7))


def _spire(stage: Stage, surface: Surface, top: tuple[float, float], width: float, distance: float) -> None:
    x, y = top
    half, tip = width / 2, y - 1.9 * width
    roof = quad((x - half * 1.32, y - 0.16 * width), (x, tip), (x + half * 1.32, y - 0.16 * width))
    slate = whitened(stage, ROOFS[2], 0.6)
    surface.fill(roof, stage.slope(slate, (tip, y), distance=distance, lit=(0.9, 0.4)))
    _banner(stage, surface, (x, tip), width, distance)


def _banner(stage: Stage, surface: Surface, top: tuple[float, float], width: float, distance: float) -> None:
    x, y = top
    surface.fill(
        box(x - 0.02 * width, y - 0.6 * width, x + 0.02 * width, y + 0.05 * width),
        stage.paint(TIMBER, distance=distance),
    )
    flag = np.vstack(
        [
            curve([(x, y - 0.6 * width), (x + 0.4 * width, y - 0.66 * width), (x + 0.8 * width, y - 0.55 * width)]),
            curve([(x + 0.8 * width, y - 0.32 * width), (x + 0.4 * width, y - 0.40 * width), (x, y - 0.3 * width)]),
        ]
    )
    surface.fill(flag, stage.paint(hexed("b8433f"), distance=distance, lit=0.8))


def castle(stage: Stage, surface: Surface, foot: tuple[float, float], size: float, *, distance: float) -> None:
    """A castle seen from its front: keep, walls, gate, towers before and behind."""
    x, y = foot
    for shift, width, height, is_pointed in (
        (-0.34, 0.15, 0.85, True),
        (0.30, 0.14, 0.95, True),
        (-0.02, 0.26, 0.70, False),
    ):
        tower(
            stage,
            surface,
            (x + shift * size, y),
            (width * size, height * size),
            distance=distance + 0.08,
            is_pointed=is_pointed,
        )
    stone = whitened(stage, hexed("a9a29a"), 0.2)
    wall = box(x - 0.62 * size, y - 0.34 * size, x + 0.62 * size, y + 0.03)
    surface.fill(wall, stage.slope(stone, (y - 0.34 * size, y), distance=distance, lit=(0.7, 0.3)))
    merlons = [
        box(x + (-0.62 + 0.094 * step) * size, y - 0.39 * size, x + (-0.575 + 0.094 * step) * size, y - 0.33 * size)
        for step in range(14)
    ]
    surface.fill_many(merlons, stage.paint(stone, distance=distance, lit=0.7))
    surface.fill(
        _arch((x, y + 0.02), 0.11 * size, 0.24 * size), stage.paint(hexed("2c2830"), distance=distance * 0.6, lit=0.2)
    )
    surface.fill(
        _arch((x, y + 0.02), 0.085 * size, 0.20 * size),
        plain(mix(stage.light.shade(TIMBER, distance, 0.3), LAMP, 0.35 * stage.light.lamps)),
    )
    for shift, is_pointed in ((-0.62, False), (0.62, False), (-0.20, True), (0.20, True)):
        tower(
            stage,
            surface,
            (x + shift * size, y + 0.01),
            (0.15 * size, (0.5 if is_pointed else 0.62) * size),
            distance=distance,
            is_pointed=is_pointed,
        )


def _arch(foot: tuple[float, float], half: float, height: float) -> Points:
    angle = np.linspace(np.pi, 2 * np.pi, 24)
    x, y = foot
    top = np.stack([x + half * np.cos(angle), y - height + half + half * np.sin(angle)], 1)
    return np.vstack([[[x - half, y]], top, [[x + half, y]]])


arch = _arch


def path(
    stage: Stage, surface: Surface, course: list[tuple[float, float]], widths: tuple[float, float], albedo: Colour
) -> None:
    """A way that runs from the first point (near) to the last (far), narrowing, with worn edges."""
    line = curve(course, 20)
    share = np.linspace(0, 1, line.shape[0])[:, None] ** 0.75
    half = (widths[0] + (widths[1] - widths[0]) * share) / 2
    edges = [line + np.hstack([sign * half * factor, np.zeros_like(half)]) for sign, factor in ((-1, 1.0), (1, 1.0))]
    outline = np.vstack([edges[0], edges[1][::-1]])
    colour = whitened(stage, albedo, 0.75)
    top, bottom = float(line[:, 1].min()), float(line[:, 1].max())
    surface.fill(outline, stage.slope(scaled(colour, 0.8), (top, bottom), distance=0.05, lit=(0.6, 0.3)), soft=0.004)
    inner = np.vstack([line - np.hstack([half * 0.86, half * 0]), (line + np.hstack([half * 0.86, half * 0]))[::-1]])
    surface.fill(inner, stage.slope(colour, (top, bottom), distance=0.06, lit=(0.95, 0.6)), soft=0.005)
    for side in (-0.42, 0.42):
        rut = line + np.hstack([half * side, half * 0])
        band = np.vstack([rut - np.hstack([half * 0.10, half * 0]), (rut + np.hstack([half * 0.10, half * 0]))[::-1]])
        surface.fill(band, stage.paint(scaled(colour, 0.72), lit=0.3), opacity=0.45, soft=0.003)


def fence(
    stage: Stage, surface: Surface, start: tuple[float, float], end: tuple[float, float], heights: tuple[float, float]
) -> None:
    """Posts and two rails from near to far."""
    wood = stage.paint(whitened(stage, hexed("a98a68"), 0.3), lit=0.6)
    dark = stage.paint(hexed("6e5640"), lit=0.25)
    share = np.linspace(0, 1, 9) ** 0.7
    xs, ys = start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
    tall = heights[0] + (heights[1] - heights[0]) * share
    for level in (0.45, 0.82):
        rail = np.stack([xs, ys - tall * level], 1)
        surface.fill(np.vstack([rail, (rail + np.stack([xs * 0, tall * 0.11], 1))[::-1]]), wood)
    posts = [taper([(x, y), (x, y - h)], [h * 0.13, h * 0.11]) for x, y, h in zip(xs, ys, tall, strict=True)]
    surface.fill_many(posts, dark)
    surface.fill_many([post - (0.012 * float(h), 0) for post, h in zip(posts, tall, strict=True)], wood, opacity=0.7)
    if stage.light.snow > 0.3:
        surface.fill_many(
            [ellipse((x, y - h), h * 0.10, h * 0.05) for x, y, h in zip(xs, ys, tall, strict=True)],
            stage.paint(SNOW, lit=0.8),
        )


def street_lamp(stage: Stage, surface: Surface, foot: tuple[float, float], height: float) -> None:
    """An iron lamp that glows when lamps are lit."""
    x, y = foot
    iron = stage.paint(hexed("3b3f46"), lit=0.4)
    surface.fill(
        taper([(x, y), (x, y - 0.1 * height), (x, y - height)], [0.05 * height, 0.022 * height, 0.018 * height]), iron
    )
    head = quad(
        (x - 0.045 * height, y - 1.10 * height),
        (x + 0.045 * height, y - 1.10 * height),
        (x + 0.028 * height, y - height),
        (x - 0.028 * height, y - height),
    )
    surface.fill(head, plain(mix(stage.light.shade(hexed("c9d2d6"), 0, 0.6), LAMP, stage.light.lamps)))
    surface.fill(
        quad((x - 0.06 * height, y - 1.10 * height), (x, y - 1.19 * height), (x + 0.06 * height, y - 1.10 * height)),
        iron,
    )
    if stage.light.lamps > 0.2:
        surface.glow((x, y - 1.05 * height), 0.45 * height, LAMP, 0.5 * stage.light.lamps)
        surface.fill(
            ellipse((x, y), 0.5 * height, 0.08 * height), plain(LAMP), opacity=0.16 * stage.light.lamps, soft=0.03
        )


def stones(stage: Stage, surface: Surface, span: tuple[float, float], *, albedo: Colour = STONE) -> None:
    """Paving in perspective: rows that grow towards the viewer, offset like bricks."""
    rng = stage.rng
    level, foot = span
    light, dark = list[Points](), list[Points]()
    y, height, row = level, 0.010, 0
    while y < foot:
        width = height * 3.2
        for column in np.arange(-1 + 0.5 * (row % 2), stage.aspect / width + 1):
            x = column * width
            stone = box(x + 0.04 * width, y + 0.08 * height, x + 0.96 * width, y + 0.94 * height)
            (light if rng.uniform() < 0.5 else dark).append(stone)
        y, height, row = y + height, height * 1.16, row + 1
    colour = whitened(stage, albedo, 0.6)
    surface.fill_many(light, stage.slope(colour, span, distance=0.05, lit=(0.85, 0.6)), opacity=0.55)
    surface.fill_many(dark, stage.slope(scaled(colour, 0.86), span, distance=0.05, lit=(0.75, 0.45)), opacity=0.55)
