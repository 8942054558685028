"""Skies: gradient, sun or moon with its glow, stars and clouds."""

import numpy as np
from numpy.random import Generator

from gpu_worker.pipelines.animatic.light import Colour, Light, mix, scaled
from gpu_worker.pipelines.animatic.shapes import Points, blob, ellipse
from gpu_worker.pipelines.animatic.stage import Stage
from gpu_worker.pipelines.animatic.surface import Paint, Surface, gradient_stops, plain

# How many stars and clouds there are is the light's affair: their dice are not the place's.
STARS, STREAKS, HEAPS = 101, 102, 103


def paint_sky(stage: Stage, *, foot: float | None = None) -> Surface:
    """The whole sky down to a little below the horizon, as the farthest layer."""
    surface = stage.layer(0.06, strokes=0.016)
    end = (stage.horizon if foot is None else foot) + 0.04
    column = gradient_stops(stage.light.sky, max(2, round(end * surface.height)))
    rows = np.vstack([column, np.repeat(column[-1:], surface.height, 0)])[: surface.height]
    surface.rgba[..., :3] = rows[:, None, :]
    surface.rgba[..., 3] = 1.0
    if stage.light.stars > 0.05:
        _stars(stage, surface, end)
    _sun(stage, surface, end)
    _clouds(stage, surface, end)
    return surface


def sun_place(stage: Stage, end: float) -> tuple[float, float]:
    """Where the sun or moon stands, in world units."""
    return stage.light.sun[0] * stage.aspect, stage.light.sun[1] * end


def _stars(stage: Stage, surface: Surface, end: float) -> None:
    rng = stage.dice(STARS)
    count = int(240 * stage.aspect)
    xs, ys = rng.uniform(0, stage.aspect, count), rng.uniform(0, 1, count) ** 1.5 * end * 0.9
    sizes = rng.exponential(0.00034, count) + 0.00045
    for low, high, opacity in ((0.0, 0.0008, 0.5), (0.0008, 0.0013, 0.75), (0.0013, 1.0, 1.0)):
        chosen = (sizes >= low) & (sizes < high)
        outlines = [ellipse((x, y), s, s) for x, y, s in zip(xs[chosen], ys[chosen], sizes[chosen], strict=True)]
        surface.fill_many(outlines, plain((0.93, 0.95, 1.0)), opacity=opacity * stage.light.stars)
    for x, y in zip(xs[sizes > 0.0016], ys[sizes > 0.0016], strict=True):
        surface.glow((x, y), 0.008, (0.7, 0.8, 1.0), 0.5 * stage.light.stars)


def _sun(stage: Stage, surface: Surface, end: float) -> None:
    light = stage.light
    centre = sun_place(stage, end)
    hidden = min(1.0, max(0.0, light.clouds - 0.5) * 2.7)
    if light.haze_strength > 4:
        hidden = 0.85
    strength = 1 - hidden
    if light.has_moon:
        surface.glow(centre, 0.42, (0.45, 0.6, 0.9), 0.38 * strength)
        surface.glow(centre, 0.10, (0.7, 0.8, 1.0), 0.45 * strength)
        _moon(surface, centre, strength)
        return
    surface.glow((centre[0], centre[1]), 0.62, light.sun_colour, 0.34 * strength + 0.06)
    surface.glow(centre, 0.24, light.sun_colour, 0.42 * strength + 0.05)
    surface.fill(ellipse(centre, 0.040, 0.040), plain(light.sun_colour), opacity=strength, soft=0.0022)
    surface.glow(centre, 0.085, light.sun_colour, 0.55 * strength)


def _moon(surface: Surface, centre: tuple[float, float], strength: float) -> None:
    x, y = centre
    surface.fill(ellipse(centre, 0.046, 0.046), plain((0.95, 0.96, 0.93)), opacity=strength, soft=0.001)
    seas = [ellipse((x - 0.014, y - 0.010), 0.013, 0.010), ellipse((x + 0.013, y + 0.006), 0.011, 0.013)]
    seas += [ellipse((x - 0.006, y + 0.019), 0.009, 0.006)]
    surface.fill_many(seas, plain((0.80, 0.83, 0.86)), opacity=0.6 * strength, soft=0.003)


def _clouds(stage: Stage, surface: Surface, end: float) -> None:
    light = stage.light
    if light.clouds <= 0:
        return
    rng = stage.dice(STREAKS)
    banks = int((3 + 6 * min(light.clouds, 1.2)) * max(stage.aspect / 1.7, 0.55))
    for index in sorted(rng.uniform(0.10, 0.82, banks)):
        _streak(light, surface, (rng.uniform(0, stage.aspect), index * end + 0.03), rng)
    rng = stage.dice(HEAPS)
    heaps = int((1 + 7 * min(light.clouds, 1.2)) * max(stage.aspect / 1.7, 0.6))
    for index in sorted(rng.uniform(0.05, 0.80, heaps), reverse=False):
        size = 0.045 + 0.10 * (1 - index) * (0.6 + min(light.clouds, 1.0) * 0.7)
        _heap(stage, surface, (rng.uniform(-0.05, stage.aspect + 0.05), index * end + 0.06), size, rng)


def _streak(light: Light, surface: Surface, centre: tuple[float, float], rng: Generator) -> None:
    parts: list[Points] = []
    for _ in range(5):
        offset = rng.normal(0, 0.11)
        parts.append(
            ellipse(
                (centre[0] + offset, centre[1] + rng.normal(0, 0.006)),
                rng.uniform(0.10, 0.22),
                rng.uniform(0.003, 0.008),
            )
        )
    colour = mix(light.cloud_lit, light.sky[-1][1], 0.25)
    surface.fill_many(parts, plain(colour), opacity=0.34, soft=0.006)


def _heap(stage: Stage, surface: Surface, centre: tuple[float, float], size: float, rng: Generator) -> None:
    """A heaped cloud: a shaded body, lit tops towards the light, a flat and misty foot."""
    light = stage.light
    x, y = centre
    spots = [(rng.normal(0, 1.25), rng.uniform(0, 0.55)) for _ in range(11)]
    spots = [(across, height * max(0.25, 1 - 0.30 * abs(across))) for across, height in spots]
    toward = light.towards
    body = [
        blob(rng, (x + a * size, y - h * size), size * (0.62 - 0.11 * abs(a)) * rng.uniform(0.8, 1.1), flat=0.72)
        for a, h in spots
    ]
    body.append(ellipse((x, y + 0.12 * size), 2.2 * size, 0.34 * size))
    far = centre[1] / max(stage.horizon, 0.1)
    shade = mix(light.cloud_shade, light.sky[-2][1], 0.25 * far)
    lit = mix(light.cloud_lit, light.sky[-1][1], 0.30 * far)
    surface.fill_many(body, Paint(mix(shade, lit, 0.55), shade, y - size, y + 0.3 * size), opacity=0.88, soft=0.004)
    tops = [
        blob(rng, (x + (a + 0.16 * toward[0]) * size, y - (h + 0.17) * size), size * (0.43 - 0.08 * abs(a)), flat=0.68)
        for a, h in spots
        if h > 0.12
    ]
    surface.fill_many(tops, Paint(lit, mix(lit, shade, 0.6), y - 1.1 * size, y + 0.1 * size), opacity=0.85, soft=0.0055)
    surface.fill(
        ellipse((x, y + 0.30 * size), 2.0 * size, 0.16 * size),
        plain(_sky_at(stage, y)),
        opacity=0.45,
        soft=0.05 * size + 0.008,
    )


def _sky_at(stage: Stage, height: float) -> Colour:
    column = gradient_stops(stage.light.sky, 64)
    row = column[int(np.clip(height / stage.horizon, 0, 1) * 63)]
    return scaled((float(row[0]), float(row[1]), float(row[2])), 1.0)
