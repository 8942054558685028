"""Places under the sky: one painter for each scenery, from far to near."""

import numpy as np

from gpu_worker.pipelines.animatic import nature
from gpu_worker.pipelines.animatic.light import hexed, mix, scaled
from gpu_worker.pipelines.animatic.shapes import Points, blade, box, ellipse, quad, ridge, taper, under, wave
from gpu_worker.pipelines.animatic.skies import paint_sky, sun_place
from gpu_worker.pipelines.animatic.stage import Stage
from gpu_worker.pipelines.animatic.surface import Paint, Surface, plain

WATER = hexed("5f9bb0")


def paint_field(stage: Stage) -> None:
    """Rolling meadow, a wood beyond, hills on the horizon."""
    horizon = stage.horizon
    paint_sky(stage)
    far = stage.layer(0.16)
    nature.hills(stage, far, horizon - 0.045, 0.085, distance=0.85, albedo=nature.PINE)
    nature.hills(stage, far, horizon - 0.005, 0.050, distance=0.60)
    middle = stage.layer(0.42)
    nature.treeline(stage, middle, horizon + 0.012, 0.055 * stage.unit, distance=0.42)
    nature.hills(stage, middle, horizon + 0.035, 0.030, distance=0.30)
    nature.broadleaf(
        stage, middle, (stage.aspect * stage.rng.uniform(0.08, 0.22), horizon + 0.10), 0.40 * stage.unit, distance=0.18
    )
    near = stage.layer(1.0)
    nature.ground(stage, near, horizon + 0.085, nature.GRASS)
    nature.grass(stage, near, horizon + 0.085)
    nature.flowers(stage, near, horizon + 0.09, 75)
    nature.foreground_grass(stage)


def paint_forest(stage: Stage) -> None:
    """A clearing among tall trunks, light falling between them."""
    horizon = stage.horizon
    sky = paint_sky(stage)
    sky.haze(stage.light.shade(mix(nature.LEAF, (1, 1, 0.8), 0.35), 0.5, 0.9), 0.0, 0.7, 0.55)
    for depth, distance, count, width in ((0.18, 0.85, 17, 0.017), (0.40, 0.55, 11, 0.030)):
        surface = stage.layer(depth)
        _trunks(stage, surface, count, width, distance)
        _canopy(stage, surface, distance, 0.30 if distance > 0.7 else 0.24)
        nature.treeline(stage, surface, horizon + 0.06, 0.06, distance=distance, share_of_pines=0.1)
        nature.mist(stage, surface, horizon + 0.05, 0.5)
    near = stage.layer(1.0)
    _trunks(stage, near, 5, 0.062, 0.10)
    nature.ground(stage, near, horizon + 0.085, mix(nature.GRASS, nature.EARTH, 0.45))
    _light_pools(stage, near, horizon + 0.12)
    _canopy(stage, near, 0.08, 0.10)
    nature.grass(stage, near, horizon + 0.09, density=0.8, albedo=scaled(nature.LEAF, 0.9))
    for place in (0.06, 0.93):
        nature.bush(stage, near, (stage.aspect * place, horizon + 0.17), 0.085 * stage.unit, distance=0.04)
    nature.foreground_boughs(stage)


def _trunks(stage: Stage, surface: Surface, count: int, width: float, distance: float) -> None:
    rng = stage.rng
    toward = np.sign(stage.light.towards[0])
    bodies, lit = list[Points](), list[Points]()
    places = (np.arange(count) + rng.uniform(0.1, 0.9, count)) / count * stage.aspect
    if distance < 0.2:
        # The middle stays open for the figures.
        places = places[(np.abs(places / stage.aspect - 0.5) > 0.24)]
    for x in places:
        w, lean = width * rng.uniform(0.7, 1.3), rng.normal(0, 0.02)
        foot = stage.horizon + 0.06 + 0.07 * (1 - distance) * rng.uniform(0.5, 1.2)
        spine = [(x, foot), (x + 0.15 * lean, foot - 0.03), (x + lean, 0.3), (x + 1.6 * lean, -0.06)]
        bodies.append(taper(spine, [2.1 * w, w, 0.85 * w, 0.75 * w]))
        lit.append(taper([(px + toward * 0.26 * w, py) for px, py in spine], [0.5 * w, 0.32 * w, 0.26 * w, 0.2 * w]))
    surface.fill_many(bodies, stage.paint(nature.BARK, distance=distance, lit=0.1))
    surface.fill_many(lit, stage.paint(nature.BARK, distance=distance, lit=1.1), opacity=0.55, soft=0.002)


def _canopy(stage: Stage, surface: Surface, distance: float, reach: float) -> None:
    rng = stage.rng
    spots = [
        ((float(x), rng.uniform(-0.06, reach * (0.55 + 0.5 * abs(x / stage.aspect - 0.5)))), rng.uniform(0.05, 0.10))
        for x in np.arange(0, stage.aspect + 0.1, 0.075)
    ]
    nature.crown(stage, surface, spots, distance=distance)


def _light_pools(stage: Stage, surface: Surface, level: float) -> None:
    rng = stage.rng
    parts = [
        ellipse(
            (rng.uniform(0.15, 0.85) * stage.aspect, level + rng.uniform(0.02, 0.30)),
            rng.uniform(0.05, 0.16),
            rng.uniform(0.008, 0.022),
        )
        for _ in range(12)
    ]
    surface.fill_many(parts, stage.paint(mix(nature.GRASS, (1.0, 0.95, 0.6), 0.4), lit=1.3), opacity=0.38, soft=0.010)


def paint_mountains(stage: Stage) -> None:
    """Snowy peaks over pine slopes, an alpine meadow with boulders."""
    horizon = stage.horizon
    paint_sky(stage)
    far = stage.layer(0.12)
    nature.mountains(stage, far, horizon + 0.02, 0.34, distance=0.62)
    nature.mist(stage, far, horizon + 0.01, 0.4)
    middle = stage.layer(0.32)
    nature.mountains(stage, middle, horizon + 0.05, 0.17, distance=0.38)
    nature.treeline(stage, middle, horizon + 0.05, 0.06, distance=0.34, share_of_pines=0.95)
    nature.mist(stage, middle, horizon + 0.07, 0.35)
    near = stage.layer(1.0)
    _pines(stage, near)
    nature.ground(stage, near, horizon + 0.085, mix(nature.GRASS, hexed("9a9a62"), 0.4), bumps=0.025)
    nature.grass(stage, near, horizon + 0.09, density=0.7)
    for place, drop, size in ((0.10, 0.18, 0.075), (0.20, 0.14, 0.035), (0.88, 0.20, 0.06), (0.72, 0.12, 0.03)):
        nature.rock(stage, near, (stage.aspect * place, horizon + drop), size * stage.unit)
    nature.flowers(stage, near, horizon + 0.10, 36)
    nature.foreground_grass(stage)


def _pines(stage: Stage, surface: Surface) -> None:
    rng = stage.rng
    for place in (*rng.uniform(-0.02, 0.16, 4), *rng.uniform(0.86, 1.02, 4)):
        nature.conifer(
            stage,
            surface,
            (float(place) * stage.aspect, stage.horizon + 0.105),
            float(rng.uniform(0.16, 0.34)) * stage.unit,
            distance=0.12,
        )


def paint_sea(stage: Stage) -> None:
    """A beach before an open sea with a headland."""
    horizon = stage.horizon - 0.05
    paint_sky(stage, foot=horizon)
    far = stage.layer(0.16)
    headland = under(
        np.linspace(stage.aspect * 0.62, stage.aspect * 1.1, 90),
        horizon - 0.005 - 0.075 * np.linspace(0, 1, 90) ** 0.7 * (1 + 0.2 * wave(stage.rng, 90)),
    )
    headland[-2:, 1] = horizon + 0.01
    far.fill(headland, stage.slope(nature.whitened(stage, hexed("70805f")), (horizon - 0.1, horizon), distance=0.62))
    water(stage, (horizon, horizon + 0.24))
    near = stage.layer(1.0)
    _beach(stage, near, horizon + 0.20)
    nature.foreground_grass(stage, albedo=hexed("b9b27a"))


def water(stage: Stage, span: tuple[float, float]) -> Surface:
    """Open water that mirrors the sky, with swell lines and the sun's path."""
    rng, light = stage.rng, stage.light
    top, bottom = span
    surface = stage.layer(0.40)
    foot = mix(light.shade(WATER, 0.0, 0.35), light.sky[0][1], 0.35)
    surface.fill(
        box(-0.1, top, stage.aspect + 0.1, 1.1),
        Paint(mix(light.sky[-1][1], light.shade(WATER, 0.3, 0.5), 0.35), foot, top, bottom),
    )
    for tone, count, opacity in ((light.sky[-1][1], 95, 0.40), (scaled(foot, 0.72), 95, 0.34)):
        parts: list[Points] = []
        for _ in range(int(count * stage.aspect / 1.7)):
            near = rng.uniform(0.02, 1) ** 1.4
            length = (0.02 + 0.16 * near) * rng.uniform(0.4, 1.2)
            parts.append(
                ellipse(
                    (rng.uniform(-0.1, stage.aspect + 0.1), top + near * (bottom - top)), length, 0.0007 + 0.0036 * near
                )
            )
        surface.fill_many(parts, plain(tone), opacity=opacity, soft=0.0012)
    centre, _ = sun_place(stage, stage.horizon)
    glint = mix(light.sun_colour, light.sky[-1][1], 0.2)
    parts = [
        ellipse(
            (centre + rng.normal(0, 0.02 + 0.05 * near), top + near * (bottom - top)),
            0.006 + 0.03 * near * rng.uniform(0.3, 1),
            0.0008 + 0.0022 * near,
        )
        for near in rng.uniform(0.0, 1, 130)
    ]
    surface.fill_many(
        parts, plain(glint), opacity=0.75 if light.clouds < 0.7 and light.haze_strength < 3 else 0.15, soft=0.0008
    )
    stage.glitter = (top, bottom, 0.40)
    return surface


def _beach(stage: Stage, surface: Surface, level: float) -> None:
    rng = stage.rng
    along = np.linspace(-0.02, stage.aspect + 0.02, 200)
    line = level + 0.016 * wave(rng, 200, first=1) + 0.03 * (along / stage.aspect - 0.5)
    sand = nature.whitened(stage, nature.SAND)
    surface.fill(under(along, line), stage.slope(scaled(sand, 0.78), (level, level + 0.09), lit=(0.5, 0.4)))
    surface.fill(
        under(along, line + 0.030 + 0.008 * wave(rng, 200, first=3)),
        stage.slope(sand, (level, 1.0), lit=(0.95, 0.45)),
        soft=0.006,
    )
    foam = stage.paint(hexed("ffffff"), lit=0.75)
    for drop, thick, opacity in ((0.0, 0.010, 0.95), (-0.030, 0.005, 0.6), (-0.055, 0.003, 0.5)):
        edge = line + drop + 0.004 * wave(rng, 200, first=9)
        depth = thick * (1 + 0.8 * wave(rng, 200, first=12, rough=0.8))
        surface.fill(
            np.vstack([np.stack([along, edge], 1), np.stack([along, edge + depth], 1)[::-1]]),
            foam,
            opacity=opacity,
            soft=0.001,
        )
    ripples: list[Points] = []
    for _ in range(60):
        near = rng.uniform(0.1, 1)
        ripples.append(
            ellipse(
                (rng.uniform(0, stage.aspect), level + 0.06 + near * (0.98 - level)),
                0.03 + 0.10 * near,
                0.001 + 0.003 * near,
            )
        )
    surface.fill_many(ripples, stage.paint(scaled(sand, 0.8), lit=0.3), opacity=0.35, soft=0.003)
    for place, drop, size in ((0.08, 0.12, 0.05), (0.16, 0.10, 0.025), (0.93, 0.16, 0.04)):
        nature.rock(stage, surface, (stage.aspect * place, level + drop), size * stage.unit, albedo=hexed("7d7a78"))


def paint_river(stage: Stage) -> None:
    """A river before a wooded bank, reeds and willows on the near side."""
    horizon = stage.horizon
    paint_sky(stage)
    far = stage.layer(0.16)
    nature.hills(stage, far, horizon - 0.05, 0.09, distance=0.8, albedo=nature.PINE)
    nature.hills(stage, far, horizon - 0.005, 0.05, distance=0.55)
    middle = stage.layer(0.36)
    nature.treeline(stage, middle, horizon + 0.025, 0.085 * stage.unit, distance=0.34)
    nature.hills(stage, middle, horizon + 0.042, 0.012, distance=0.22)
    stream = water(stage, (horizon + 0.055, horizon + 0.20))
    _mirrored_bank(stage, stream, horizon + 0.055)
    near = stage.layer(1.0)
    _near_bank(stage, near, horizon + 0.165)
    nature.foreground_grass(stage)


def _mirrored_bank(stage: Stage, surface: Surface, level: float) -> None:
    """The far bank upside down in the water, and its earth edge."""
    rng = stage.rng
    along = np.linspace(-0.02, stage.aspect + 0.02, 200)
    depth = 0.045 + 0.018 * wave(rng, 200, first=6, rough=0.7)
    mirror = np.vstack([np.stack([along, level + 0 * along], 1), np.stack([along, level + depth], 1)[::-1]])
    green = nature.whitened(stage, scaled(nature.PINE, 0.75), 0.4)
    surface.fill(mirror, stage.paint(green, distance=0.25, lit=0.15), opacity=0.55, soft=0.005)
    edge = level + 0.003 * wave(rng, 200, first=9)
    bank = np.vstack([np.stack([along, edge - 0.008], 1), np.stack([along, edge + 0.004], 1)[::-1]])
    surface.fill(bank, stage.paint(nature.whitened(stage, nature.EARTH), distance=0.2, lit=0.3))
    streaks = [
        ellipse((rng.uniform(0, stage.aspect), level + rng.uniform(0.008, 0.06)), rng.uniform(0.03, 0.10), 0.0012)
        for _ in range(40)
    ]
    surface.fill_many(streaks, plain(stage.light.sky[-1][1]), opacity=0.45, soft=0.001)


def _near_bank(stage: Stage, surface: Surface, level: float) -> None:
    rng = stage.rng
    along = np.linspace(-0.02, stage.aspect + 0.02, 200)
    line = level + 0.016 * wave(rng, 200, first=2) - 0.05 * np.cos((along / stage.aspect - 0.5) * 2 * np.pi) * -0.5
    soil = nature.whitened(stage, nature.EARTH)
    surface.fill(under(along, line - 0.012), stage.paint(scaled(soil, 0.8), lit=0.3), soft=0.002)
    green = nature.whitened(stage, nature.GRASS)
    paint = Paint(stage.light.shade(green, 0.06, 0.9), stage.light.shade(scaled(green, 0.78), 0, 0.4), level, 1.0)
    surface.fill(under(along, line), paint)
    nature.grass(stage, surface, level + 0.02, density=0.9)
    for place in (0.045, 0.13, 0.80, 0.90, 0.97):
        _reeds(stage, surface, (stage.aspect * place, float(np.interp(stage.aspect * place, along, line)) + 0.02))
    willow = mix(nature.LEAF, nature.GRASS, 0.5)
    for place, drop, height in ((0.05, 0.05, 0.46), (0.95, 0.03, 0.36)):
        root = (stage.aspect * place, level + drop)
        nature.broadleaf(stage, surface, root, height * stage.unit, distance=0.05, albedo=willow)
    nature.flowers(stage, surface, level + 0.05, 45)
    for place, drop, size in ((0.24, 0.012, 0.03), (0.72, 0.01, 0.022)):
        nature.rock(stage, surface, (stage.aspect * place, level + drop), size * stage.unit)


def _reeds(stage: Stage, surface: Surface, root: tuple[float, float]) -> None:
    rng = stage.rng
    x, y = root
    stalks, heads = list[Points](), list[Points]()
    for _ in range(9):
        height, lean = rng.uniform(0.05, 0.11) * stage.unit, rng.normal(0, 0.012)
        foot = x + rng.normal(0, 0.012)
        stalks.append(blade((foot, y), height, lean, 0.005 * stage.unit))
        if rng.uniform() < 0.5:
            heads.append(ellipse((foot + lean * 0.9, y - height * 0.92), 0.0026, 0.010 * stage.unit))
    surface.fill_many(stalks, stage.paint(nature.whitened(stage, hexed("7d9a55"), 0.4), lit=0.7))
    surface.fill_many(heads, stage.paint(hexed("6e4a30"), lit=0.5))


def paint_desert(stage: Stage) -> None:
    """Dunes with a lit and a shaded side, mesas far off."""
    horizon, rng = stage.horizon, stage.rng
    paint_sky(stage)
    far = stage.layer(0.14)
    for place, width, height in ((0.16, 0.26, 0.11), (0.42, 0.13, 0.07), (0.86, 0.30, 0.13)):
        x, rock = stage.aspect * place, hexed("b9714f")
        mesa = quad(
            (x - width * 0.62, horizon + 0.02),
            (x - width * 0.42, horizon - height),
            (x - width * 0.10, horizon - height * 1.04),
            (x + width * 0.36, horizon - height * 0.98),
            (x + width * 0.6, horizon + 0.02),
        )
        far.fill(
            mesa, stage.slope(nature.whitened(stage, rock), (horizon - height, horizon), distance=0.55, lit=(0.8, 0.3))
        )
    for depth, level, height, distance in ((0.24, 0.0, 0.035, 0.45), (0.45, 0.05, 0.05, 0.25)):
        _dune(stage, stage.layer(depth), horizon + level, height, distance)
    near = stage.layer(1.0)
    _dune(stage, near, horizon + 0.125, 0.045, 0.06)
    ripples = [
        np.vstack(
            [
                np.stack(
                    [xs := np.linspace(-0.02, stage.aspect + 0.02, 90), ys := y + 0.010 * wave(rng, 90, first=2)], 1
                ),
                np.stack([xs, ys + 0.0015 + 0.006 * (y - horizon)], 1)[::-1],
            ]
        )
        for y in horizon + 0.19 + 0.022 * np.arange(11) * (1 + 0.06 * np.arange(11))
    ]
    near.fill_many(ripples, stage.paint(scaled(nature.SAND, 0.8), lit=0.2), opacity=0.30, soft=0.003)
    for place, drop, size in ((0.12, 0.19, 0.05), (0.90, 0.22, 0.04)):
        nature.rock(stage, near, (stage.aspect * place, horizon + drop), size * stage.unit, albedo=hexed("a8745a"))
    for place, drop, height in ((0.86, 0.155, 0.17), (0.07, 0.15, 0.11)):
        _cactus(stage, near, (stage.aspect * place, horizon + drop), height * stage.unit)


def _dune(stage: Stage, surface: Surface, level: float, height: float, distance: float) -> None:
    outline = ridge(stage.rng, stage.aspect, level, height, rough=0.2, first=1)
    sand = nature.whitened(stage, nature.SAND)
    surface.fill(outline, stage.slope(sand, (level - height, level + 0.3), distance=distance, lit=(1.05, 0.5)))
    line = outline[:240]
    falling = np.gradient(line[:, 1]) * np.sign(stage.light.towards[0]) < -0.00002
    depth = np.where(falling, 0.06 + 0.5 * height, 0.0)
    depth = np.convolve(depth, np.hanning(31) / np.hanning(31).sum(), "same") * 1.2
    shade = np.vstack([line, (line + np.stack([np.zeros(240), depth], 1))[::-1]])
    surface.fill(shade, stage.paint(scaled(sand, 0.72), distance=distance, lit=0.15), opacity=0.6, soft=0.004)


def _cactus(stage: Stage, surface: Surface, foot: tuple[float, float], height: float) -> None:
    x, y = foot
    green = nature.whitened(stage, hexed("5d8a5e"), 0.4)
    w = 0.16 * height
    parts = [taper([(x, y), (x, y - height)], [w, w]), ellipse((x, y - height), w / 2, w / 2)]
    for side, low, high in ((-1, 0.40, 0.72), (1, 0.52, 0.88)):
        parts.append(
            taper(
                [
                    (x, y - low * height),
                    (x + side * 0.24 * height, y - (low + 0.02) * height),
                    (x + side * 0.27 * height, y - high * height),
                ],
                [0.7 * w, 0.7 * w, 0.62 * w],
            )
        )
        parts.append(ellipse((x + side * 0.27 * height, y - high * height), 0.31 * w, 0.31 * w))
    surface.fill(
        ellipse((x, y), 0.22 * height, 0.03 * height),
        stage.paint(scaled(nature.SAND, 0.4), lit=0),
        opacity=0.5,
        soft=0.005,
    )
    surface.fill_many(parts, stage.slope(green, (y - height, y), lit=(0.7, 0.2)))
    side = float(np.sign(stage.light.towards[0]))
    surface.fill(
        taper([(x + side * 0.25 * w, y), (x + side * 0.25 * w, y - height)], [0.3 * w, 0.3 * w]),
        stage.paint(green, lit=1.2),
        opacity=0.5,
        soft=0.002,
    )
