"""Outlines of things in world units: float arrays (n, 2), x to the right and y down, the picture's height being 1."""

import numpy as np
from cv2.typing import MatLike
from numpy.random import Generator

Points = MatLike


def blob(
    rng: Generator, centre: tuple[float, float], radius: float, *, wobble: float = 0.12, flat: float = 1.0
) -> Points:
    """A soft irregular round; `flat` below 1 is flatter than wide."""
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    waves = np.arange(2, 6)[:, None]
    phases = rng.uniform(0, 2 * np.pi, (4, 1))
    weights = rng.uniform(0.2, 1.0, (4, 1)) / waves
    reach = radius * (1 + wobble * (weights * np.cos(waves * angle + phases)).sum(0))
    return np.stack([centre[0] + reach * np.cos(angle), centre[1] + reach * np.sin(angle) * flat], 1)


def ellipse(centre: tuple[float, float], across: float, down: float) -> Points:
    """An ellipse by its half axes; small ones need few corners."""
    corners = int(np.clip(12 + 140 * max(across, down), 12, 64))
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return np.stack([centre[0] + across * np.cos(angle), centre[1] + down * np.sin(angle)], 1)


def box(left: float, top: float, right: float, bottom: float) -> Points:
    """A rectangle."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def quad(*corners: tuple[float, float]) -> Points:
    """Any polygon by its corners."""
    return np.array(corners, np.float64)


def wave(rng: Generator, count: int, *, octaves: int = 4, rough: float = 0.5, first: int = 2) -> MatLike:
    """A smooth random line of `count` values within about -1 to 1: sines of doubling frequency."""
    along = np.linspace(0, 1, count)
    total = np.zeros(count)
    amplitude, frequency, reach = 1.0, float(first), 0.0
    for _ in range(octaves):
        total += amplitude * np.sin(2 * np.pi * (frequency * along * rng.uniform(0.8, 1.2) + rng.uniform()))
        reach += amplitude
        amplitude, frequency = amplitude * rough, frequency * 2.1
    return total / reach


def ridge(rng: Generator, width: float, level: float, height: float, *, rough: float = 0.45, first: int = 2) -> Points:
    """A line of hills across the picture at `level`, closed far below."""
    along = np.linspace(-0.02, width + 0.02, 240)
    return under(along, level - height * wave(rng, along.size, rough=rough, first=first, octaves=5))


def peaks(rng: Generator, width: float, level: float, height: float, count: int) -> Points:
    """A jagged mountain line: random summits joined by broken slopes."""
    xs = np.linspace(-0.1, width + 0.1, 2 * count + 1) + rng.uniform(-0.22, 0.22, 2 * count + 1) * width / count / 2
    ys = np.where(
        np.arange(2 * count + 1) % 2 == 1, rng.uniform(0.62, 1.0, 2 * count + 1), rng.uniform(0.12, 0.4, 2 * count + 1)
    )
    along = np.linspace(-0.02, width + 0.02, 320)
    line = np.interp(along, np.sort(xs), ys)
    line += 0.075 * wave(rng, along.size, octaves=6, rough=0.72, first=6)
    return under(along, level - height * line)


def under(along: MatLike, tops: MatLike) -> Points:
    """The area below a line, down past the picture's foot."""
    line = np.stack([along, tops], 1)
    return np.vstack([line, [[along[-1], 1.3], [along[0], 1.3]]])


def blade(root: tuple[float, float], height: float, lean: float, width: float) -> Points:
    """One blade of grass, bent towards `lean`."""
    along = np.linspace(0, 1, 6)
    middle = np.stack([root[0] + lean * along**2, root[1] - height * along], 1)
    half = (width * (1 - along) * 0.5)[:, None] * np.array([[1.0, 0.0]])
    return np.vstack([middle - half, (middle + half)[::-1]])


def taper(points: list[tuple[float, float]], widths: list[float]) -> Points:
    """A trunk or branch along `points`, as wide at each as `widths` says; smoothed."""
    raw = np.array(points, np.float64)
    at = np.linspace(0, len(points) - 1, 5 * len(points))
    steps = np.arange(len(points))
    line = np.stack([np.interp(at, steps, raw[:, 0]), np.interp(at, steps, raw[:, 1])], 1)
    direction = np.gradient(line, axis=0)
    normal = np.stack([-direction[:, 1], direction[:, 0]], 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    half = np.interp(at, steps, widths)[:, None] / 2
    return np.vstack([line + normal * half, (line - normal * half)[::-1]])


def curve(points: list[tuple[float, float]], samples: int = 12) -> Points:
    """A Catmull-Rom curve through the points, open."""
    raw = np.array([points[0], *points, points[-1]], np.float64)
    t = np.linspace(0, 1, samples, endpoint=False)[:, None]
    parts = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(raw, raw[1:], raw[2:], raw[3:], strict=False)
    ]
    return np.vstack([*parts, raw[-1:]])


def pine(rng: Generator, root: tuple[float, float], height: float) -> Points:
    """A conifer's outline: drooping tiers, narrowing to the tip."""
    tiers = 7
    left, right = [(root[0], root[1] - height)], [(root[0], root[1] - height)]
    for tier in range(tiers):
        low = root[1] - height * (1 - (tier + 1) / tiers * 0.93)
        reach = height * 0.26 * ((tier + 1) / tiers) ** 0.9
        for side, sign in ((left, -1), (right, 1)):
            spread = reach * rng.uniform(0.85, 1.15)
            side.append((root[0] + sign * spread, low + height * 0.02 * rng.uniform(0, 1)))
            side.append((root[0] + sign * spread * 0.52, low - height * 0.012))
    return np.array([*left, *right[::-1]], np.float64)
