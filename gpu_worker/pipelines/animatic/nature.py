"""Land and plants: hills, mountains, ground, grass, flowers, trees, bushes and rocks."""

import numpy as np
from numpy.typing import NDArray

from gpu_worker.pipelines.animatic.light import Colour, hexed, mix, scaled
from gpu_worker.pipelines.animatic.shapes import Points, blade, blob, ellipse, peaks, pine, quad, ridge, taper, wave
from gpu_worker.pipelines.animatic.stage import Stage
from gpu_worker.pipelines.animatic.surface import Paint, Surface, plain

GRASS, LEAF, PINE, BARK = hexed("7fa650"), hexed("5f8f46"), hexed("3f6b4f"), hexed("6b4f3c")
SNOW, STONE, EARTH, SAND = hexed("eef3f8"), hexed("8d8c8e"), hexed("8a6c4f"), hexed("e3c48f")
# Snow leaves fewer tufts and no flowers: their dice are not the place's.
TUFTS, DRIFTS = 201, 202
FLOWERS = (hexed("f3d24f"), hexed("f08a8a"), hexed("f5f0ff"), hexed("b58be0"), hexed("ef6f5f"))


def whitened(stage: Stage, albedo: Colour, share: float = 0.85) -> Colour:
    """The colour under snow where snow lies."""
    return mix(albedo, SNOW, share * stage.light.snow)


def hills(
    stage: Stage, surface: Surface, level: float, height: float, *, distance: float, albedo: Colour = GRASS
) -> None:
    """One range of rolling hills with a sunlit crest."""
    outline = ridge(stage.rng, stage.aspect, level, height)
    colour = whitened(stage, albedo)
    paint = stage.slope(colour, (level - height, level + 0.16), distance=distance, lit=(0.85, 0.25))
    surface.fill(outline, paint)
    crest = np.vstack([outline[:240], outline[239::-1] + np.array([0, 0.010 + 0.012 * (1 - distance)])])
    surface.fill(crest, stage.paint(colour, distance=distance, lit=1.15), opacity=0.45, soft=0.004)


def mountains(stage: Stage, surface: Surface, level: float, height: float, *, distance: float) -> None:
    """A mountain line with lit and shaded faces and snow on the heights."""
    rng, light = stage.rng, stage.light
    outline = peaks(rng, stage.aspect, level, height, max(2, round(3.2 * stage.aspect * 0.6)))
    rock = whitened(stage, hexed("78808f"), 0.4)
    surface.fill(outline, stage.slope(rock, (level - height, level), distance=distance, lit=(0.55, 0.15)))
    line = outline[:320]
    rising = np.gradient(line[:, 1]) * (1 if light.towards[0] < 0 else -1) > 0
    # Faces turned to the light: under each such stretch of the line a facet runs down and away from the light.
    lean = -0.10 * np.sign(light.towards[0])
    facets = [_facet(line[start:end], lean, height) for start, end in _runs(rising) if end - start > 5]
    surface.fill_many(
        facets, stage.slope(rock, (level - height, level), distance=distance, lit=(1.3, 0.5)), opacity=0.75, soft=0.002
    )
    cover = level - height * (0.62 - 0.3 * light.snow)
    depth = np.clip(cover - line[:, 1], 0, None)
    hang = 0.52 + 0.42 * wave(rng, line.shape[0], octaves=5, rough=0.8, first=14)
    cap = np.vstack([line, (line + np.stack([np.zeros(line.shape[0]), depth * hang], 1))[::-1]])
    surface.fill(cap, stage.slope(SNOW, (level - height, cover), distance=distance * 0.8, lit=(0.9, 0.6)), opacity=0.92)
    lit_caps = [
        _facet(cap[start:end], lean * 0.5, (cover - level + height) * 0.45)
        for start, end in _runs(rising & (depth > 0.01))
        if end - start > 4
    ]
    surface.fill_many(lit_caps, stage.paint(SNOW, distance=distance * 0.7, lit=1.15), opacity=0.6, soft=0.002)


def _runs(flags: NDArray[np.bool]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _facet(line: Points, lean: float, height: float) -> Points:
    span = float(np.ptp(line[:, 1])) + 0.25 * height
    low = line[[-1, 0]] + np.array([[lean * 0.6, span * 0.75], [lean, span * 0.55]])
    return np.vstack([line, low])


def ground(stage: Stage, surface: Surface, level: float, albedo: Colour, *, bumps: float = 0.012) -> Points:
    """The land that figures stand on, from `level` down; the outline's upper line is returned."""
    outline = ridge(stage.rng, stage.aspect, level, bumps)
    colour = whitened(stage, albedo)
    light = stage.light
    surface.fill(
        outline, Paint(light.shade(colour, 0.16, 0.85), light.shade(scaled(colour, 0.80), 0.0, 0.42), level, 1.0)
    )
    _patches(stage, surface, level, colour)
    return outline[:240]


def _patches(stage: Stage, surface: Surface, level: float, colour: Colour) -> None:
    """Broad light and dark patches that lie down in perspective."""
    rng = stage.rng
    for lit, count, opacity in ((1.1, 9, 0.20), (0.05, 9, 0.22)):
        parts: list[Points] = []
        for _ in range(count):
            near = rng.uniform(0.04, 1) ** 1.3
            y = level + 0.03 + near * (1.02 - level)
            reach = (0.07 + 0.30 * near) * rng.uniform(0.6, 1.3)
            parts.append(blob(rng, (rng.uniform(0, stage.aspect), y), reach, wobble=0.3, flat=0.10 + 0.05 * near))
        surface.fill_many(parts, stage.paint(colour, lit=lit), opacity=opacity, soft=0.012)


def grass(stage: Stage, surface: Surface, level: float, *, density: float = 1.0, albedo: Colour = GRASS) -> None:
    """Tufts over the ground, larger and further apart towards the viewer."""
    rng = stage.dice(TUFTS)
    colour = whitened(stage, albedo, 0.72)
    for lit, shade in ((0.15, 0.72), (0.65, 0.95), (1.2, 1.12)):
        blades: list[Points] = []
        for _ in range(int(95 * density * stage.aspect * (1 - 0.65 * stage.light.snow))):
            near = rng.uniform(0, 1) ** 0.8
            y = level + 0.025 + near * (1.03 - level)
            x = rng.uniform(0, stage.aspect)
            size = 0.007 + 0.030 * near
            for _ in range(rng.integers(3, 6)):
                lean = rng.normal(0.1, 0.45) * size
                blades.append(
                    blade((x + rng.normal(0, 0.35) * size, y), size * rng.uniform(0.6, 1.25), lean, size * 0.17)
                )
        surface.fill_many(
            blades,
            stage.slope(scaled(colour, shade), (level, 1.0), distance=0.04, lit=(lit + 0.1, lit - 0.1)),
            opacity=0.75,
        )


def flowers(stage: Stage, surface: Surface, level: float, count: int = 60) -> None:
    """Meadow flowers in drifts of one colour."""
    rng = stage.dice(DRIFTS)
    if stage.light.snow > 0.5:
        return
    for colour in rng.permutation(np.array(FLOWERS))[:3]:
        middle, parts = rng.uniform(0.1, 0.9) * stage.aspect, list[Points]()
        for _ in range(count // 3):
            near = rng.uniform(0.05, 1)
            centre = (middle + rng.normal(0, 0.22), level + 0.04 + near * (0.98 - level))
            size = 0.0026 + 0.0055 * near
            parts += [
                ellipse((centre[0] + size * np.cos(a), centre[1] + size * 0.7 * np.sin(a)), size * 0.72, size * 0.55)
                for a in (0.3, 1.6, 2.9, 4.1, 5.4)
            ]
        surface.fill_many(
            parts, stage.paint((float(colour[0]), float(colour[1]), float(colour[2])), lit=0.8), opacity=0.95
        )


def broadleaf(
    stage: Stage,
    surface: Surface,
    root: tuple[float, float],
    height: float,
    *,
    distance: float = 0.0,
    albedo: Colour = LEAF,
) -> None:
    """A spreading tree: trunk and limbs, then the crown in shadow, middle and light."""
    rng = stage.rng
    x, y = root
    trunk = stage.paint(BARK, distance=distance, lit=0.15)
    surface.fill(
        taper(
            [(x, y + 0.01 * height), (x + 0.012 * height, y - 0.25 * height), (x, y - 0.6 * height)],
            [0.10 * height, 0.055 * height, 0.03 * height],
        ),
        trunk,
    )
    limbs = [
        taper([(x, y - 0.28 * height), (x + side * 0.2 * height, y - 0.55 * height)], [0.04 * height, 0.015 * height])
        for side in (-1, 1)
    ]
    surface.fill_many(limbs, trunk)
    spots = [
        (0.0, 0.72, 0.24),
        (-0.20, 0.62, 0.19),
        (0.20, 0.63, 0.19),
        (-0.08, 0.86, 0.16),
        (0.12, 0.84, 0.15),
        (-0.28, 0.50, 0.13),
        (0.29, 0.50, 0.13),
        (0.02, 0.52, 0.17),
    ]
    spots = [
        (a * rng.uniform(0.85, 1.15), b * rng.uniform(0.95, 1.05), r * rng.uniform(0.85, 1.15)) for a, b, r in spots
    ]
    crown(
        stage,
        surface,
        [((x + a * height, y - b * height), r * height) for a, b, r in spots],
        distance=distance,
        albedo=albedo,
    )


# Light, tone, masses a spot, their size and how far towards the light, from the shadow to the brightest leaves.
COATS = (
    (0.0, 0.62, 1, 1.0, 0.0),
    (0.35, 0.82, 2, 0.70, 0.16),
    (0.85, 0.98, 3, 0.40, 0.36),
    (1.35, 1.08, 3, 0.20, 0.58),
)


def crown(
    stage: Stage,
    surface: Surface,
    spots: list[tuple[tuple[float, float], float]],
    *,
    distance: float,
    albedo: Colour = LEAF,
) -> None:
    """Foliage in four coats, each in smaller masses and nearer the light, with loose leaves at the edges."""
    rng, toward = stage.rng, stage.light.towards
    colour = whitened(stage, albedo, 0.55)
    for lit, shade, masses, reach, shift in COATS[: 4 if distance < 0.4 else 2]:
        parts: list[Points] = []
        for (x, y), radius in spots:
            for _ in range(masses):
                loose = radius * (1 - reach) * 0.62
                middle = (
                    x + toward[0] * shift * radius + rng.normal(0, 1) * loose * 0.6,
                    y + toward[1] * shift * radius + rng.normal(0, 1) * loose * 0.5,
                )
                parts.append(blob(rng, middle, radius * reach, wobble=0.30, flat=0.86))
                parts += _leaves(stage, middle, radius * reach, 9 if masses == 1 else 5)
        paint = stage.paint(scaled(colour, shade), distance=distance, lit=lit)
        surface.fill_many(parts, paint, opacity=1.0 if masses == 1 else 0.62)


def _leaves(stage: Stage, centre: tuple[float, float], radius: float, count: int) -> list[Points]:
    rng = stage.rng
    angles = rng.uniform(0, 2 * np.pi, count)
    reach = radius * rng.uniform(0.88, 1.10, count)
    size = max(radius * 0.13, 0.0022)
    return [
        ellipse((centre[0] + r * np.cos(a), centre[1] + 0.9 * r * np.sin(a)), size * rng.uniform(0.6, 1.2), size * 0.6)
        for a, r in zip(angles, reach, strict=True)
    ]


def conifer(stage: Stage, surface: Surface, root: tuple[float, float], height: float, *, distance: float = 0.0) -> None:
    """A pine with its lit side."""
    rng = stage.rng
    x, y = root
    surface.fill(
        taper([(x, y + 0.01 * height), (x, y - 0.2 * height)], [0.05 * height, 0.035 * height]),
        stage.paint(BARK, distance=distance, lit=0.2),
    )
    outline = pine(rng, root, height)
    colour = whitened(stage, PINE, 0.35)
    surface.fill(outline, stage.slope(colour, (y - height, y), distance=distance, lit=(0.45, 0.1)))
    side = np.sign(stage.light.towards[0])
    lit = outline.copy()
    lit[:, 0] = x + np.where((lit[:, 0] - x) * side > 0, (lit[:, 0] - x) * 0.86, (lit[:, 0] - x) * 0.05)
    surface.fill(
        lit, stage.slope(colour, (y - height, y), distance=distance, lit=(1.2, 0.6)), opacity=0.55, soft=0.0015
    )
    if stage.light.snow > 0.3:
        cap = outline.copy()
        cap[:, 1] -= 0.012 * height
        cap[:, 0] = x + (cap[:, 0] - x) * 0.72
        surface.fill(
            cap, stage.slope(SNOW, (y - height, y), distance=distance, lit=(0.8, 0.4)), opacity=0.7, soft=0.002
        )


def treeline(
    stage: Stage, surface: Surface, level: float, height: float, *, distance: float, share_of_pines: float = 0.3
) -> None:
    """A wood seen from afar: one mass with rounded and pointed tops."""
    rng = stage.rng
    albedo = whitened(stage, mix(LEAF, PINE, 0.5), 0.5)
    parts: list[Points] = []
    x = -0.05
    while x < stage.aspect + 0.05:
        size = height * rng.uniform(0.6, 1.1)
        is_pine = rng.uniform() < share_of_pines
        parts.append(
            pine(rng, (x, level + 0.01), size * 1.25)
            if is_pine
            else blob(rng, (x, level - 0.36 * size), size * 0.55, wobble=0.2)
        )
        x += size * rng.uniform(0.35, 0.6)
    parts.append(
        quad(
            (-0.1, level - 0.15 * height),
            (stage.aspect + 0.1, level - 0.15 * height),
            (stage.aspect + 0.1, level + 0.05),
            (-0.1, level + 0.05),
        )
    )
    surface.fill_many(
        parts, stage.slope(scaled(albedo, 0.85), (level - height, level + 0.02), distance=distance, lit=(0.7, 0.1))
    )


def bush(stage: Stage, surface: Surface, centre: tuple[float, float], radius: float, *, distance: float = 0.0) -> None:
    """A round bush that sits on the ground."""
    rng = stage.rng
    x, y = centre
    surface.fill(
        ellipse((x, y), radius * 1.5, radius * 0.22), stage.paint(scaled(GRASS, 0.4), lit=0.0), opacity=0.45, soft=0.008
    )
    spots = [
        ((x + a * radius, y - b * radius), r * radius)
        for a, b, r in ((-0.7, 0.36, 0.5), (0.0, 0.52, 0.66), (0.72, 0.34, 0.48))
    ]
    crown(stage, surface, spots, distance=distance, albedo=mix(LEAF, GRASS, float(rng.uniform(0, 0.6))))


def rock(
    stage: Stage,
    surface: Surface,
    centre: tuple[float, float],
    size: float,
    *,
    distance: float = 0.0,
    albedo: Colour = STONE,
) -> None:
    """A boulder with a lit top and a soft shadow under it."""
    rng = stage.rng
    x, y = centre
    toward = np.sign(stage.light.towards[0])
    surface.fill(
        ellipse((x - toward * 0.25 * size, y + 0.02 * size), size * 1.25, size * 0.22),
        stage.paint(scaled(EARTH, 0.4), lit=0.0),
        opacity=0.5,
        soft=0.007,
    )
    angles = np.sort(rng.uniform(np.pi, 2 * np.pi, 7))
    reach = size * rng.uniform(0.8, 1.08, 7)
    tops = np.stack([x + reach * np.cos(angles), y + 0.68 * reach * np.sin(angles)], 1)
    outline = np.vstack(
        [[[x - size, y]], tops, [[x + size, y], [x + 0.5 * size, y + 0.07 * size], [x - 0.5 * size, y + 0.08 * size]]]
    )
    colour = whitened(stage, albedo, 0.35)
    surface.fill(outline, stage.slope(colour, (y - 0.7 * size, y), distance=distance, lit=(0.6, 0.1)))
    face = outline.copy()
    face[:, 0] = x + (face[:, 0] - x) * 0.62 + toward * 0.24 * size
    face[:, 1] = y - 0.20 * size + (face[:, 1] - y) * 0.70
    surface.fill(
        face,
        stage.slope(mix(colour, SNOW, 0.5 * stage.light.snow), (y - 0.7 * size, y), distance=distance, lit=(1.2, 0.7)),
        opacity=0.75,
        soft=0.002,
    )


def foreground_grass(stage: Stage, *, albedo: Colour = GRASS) -> None:
    """Tall blades out of focus at the lower corners, before everything."""
    rng = stage.rng
    surface = stage.layer(1.55)
    for lit, shade in ((0.0, 0.42), (0.3, 0.62)):
        blades: list[Points] = []
        for _ in range(46):
            side = rng.choice([-1, 1])
            along = rng.beta(1, 3.2) * 0.30 * stage.aspect
            x = along if side < 0 else stage.aspect - along
            height = rng.uniform(0.08, 0.24) * (1 - 1.6 * along / stage.aspect) * stage.unit
            blades.append(blade((x, 1.03), height, side * -0.3 * height * rng.uniform(-0.6, 1.4), 0.016 * stage.unit))
        surface.fill_many(blades, stage.paint(scaled(whitened(stage, albedo, 0.3), shade), lit=lit), soft=0.0045)


def foreground_boughs(stage: Stage, *, albedo: Colour = LEAF) -> None:
    """A dark leafy bough out of focus in an upper corner."""
    rng = stage.rng
    surface = stage.layer(1.5)
    left = rng.uniform() < 0.5
    parts: list[Points] = []
    for _ in range(90):
        along, down = rng.beta(1, 2.4) * 0.42 * stage.aspect, rng.beta(1, 2.6) * 0.20
        x = along if left else stage.aspect - along
        size = rng.uniform(0.010, 0.024) * stage.unit
        parts.append(blob(rng, (x, down * (1 - 1.2 * along / stage.aspect) + 0.02), size, wobble=0.3, flat=0.6))
    surface.fill_many(parts, stage.paint(scaled(albedo, 0.42), lit=0.05), soft=0.004)


def mist(stage: Stage, surface: Surface, level: float, strength: float) -> None:
    """Low mist over a layer's foot."""
    surface.fill(
        ellipse((stage.aspect / 2, level), stage.aspect, 0.05),
        plain(stage.light.haze),
        opacity=strength,
        soft=0.03,
    )
