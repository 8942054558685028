"""Weather that moves over the picture: rain, snow, drifting fog and the glitter of water."""

from typing import Protocol

import cv2
import numpy as np
from cv2.typing import MatLike

from contracts.commands import SettingPlan
from gpu_worker.pipelines.animatic.light import Colour, Light, luma
from gpu_worker.pipelines.finishing.picture import TO_YUV, Frame


class Veil(Protocol):
    """Something that moves in the air."""

    @property
    def is_behind(self) -> bool:
        """Whether it lies behind the cast instead of before the lens."""
        ...

    def draw(self, frame: Frame, seconds: float) -> None:
        """Lay it over the frame as it is at this moment of the shot."""
        ...


# Length and brightness of the streaks, how many, how fast they fall: behind the cast, and a few before it.
RAIN = {True: ((0.035, 0.20, 560, 1.25), (0.07, 0.26, 260, 1.75)), False: ((0.10, 0.18, 60, 2.5),)}
# Radius, number, brightness, speed of fall. Little falls before faces: they must stay those faces.
SNOW = {True: ((0.0016, 420, 0.65, 0.07), (0.0030, 190, 0.85, 0.12)), False: ((0.0052, 34, 0.7, 0.20),)}


class Rain:
    """Curtains of streaks, the nearer longer and faster."""

    def __init__(
        self, size: tuple[int, int], rng: np.random.Generator, *, is_storm: bool, clear_above: float | None
    ) -> None:
        self.is_behind = clear_above is None
        self._mask = None if clear_above is None else _below(size, clear_above)
        self._slant = 0.22 if is_storm else 0.10
        self._hurry = 1.25 if is_storm else 1.0
        self._curtains = [(_streaks(size, rng, self._slant, kind[:3]), kind[3]) for kind in RAIN[self.is_behind]]

    def draw(self, frame: Frame, seconds: float) -> None:
        width, height = frame.size
        for curtain, speed in self._curtains:
            fallen = seconds * speed * self._hurry * height
            down, across = round(fallen) % height, round(fallen * self._slant) % width
            rolled = curtain[height - down : 2 * height - down, across : across + width]
            cv2.add(frame.luma, _masked(rolled, self._mask), dst=frame.luma)


def _below(size: tuple[int, int], clear_above: float) -> MatLike:
    """255 below `clear_above` (a share of the height), nothing above, soft between."""
    width, height = size
    rows = np.clip((np.linspace(0, 1, height) - clear_above) / 0.06, 0, 1)
    return np.repeat((rows * 255).astype(np.uint8)[:, None], width, 1)


def _masked(light: MatLike, mask: MatLike | None) -> MatLike:
    return light if mask is None else cv2.multiply(light, mask, scale=1 / 255)


def _streaks(size: tuple[int, int], rng: np.random.Generator, slant: float, share: tuple[float, float, int]) -> MatLike:
    """A doubled tile of streaks, so that any window of the frame's size may be cut from it."""
    width, height = size
    length, bright, count = share
    tile = np.zeros((height, width), np.uint8)
    thick = max(1, round(height / 620 * (1 + 8 * length)))
    for x, y, tone in zip(
        rng.uniform(0, width, count), rng.uniform(0, height, count), rng.uniform(0.4, 1, count), strict=True
    ):
        dy = length * height * (0.6 + 0.4 * tone)
        end = (x - slant * dy, y + dy)
        for shift_x in (0, width):
            for shift_y in (0, -height):
                ends = [(round((px + shift_x) * 16), round((py + shift_y) * 16)) for px, py in ((x, y), end)]
                cv2.line(tile, ends[0], ends[1], (int(255 * bright * tone),), thick, cv2.LINE_AA, 4)
    tile = cv2.GaussianBlur(tile, (0, 0), 0.6)
    return np.tile(tile, (2, 2))


class Snow:
    """Flakes falling and swaying."""

    def __init__(self, size: tuple[int, int], rng: np.random.Generator, *, clear_above: float | None) -> None:
        self.is_behind = clear_above is None
        self._mask = None if clear_above is None else _below(size, clear_above)
        self._tiles = [(_flakes(size, rng, kind[:3]), kind[3]) for kind in SNOW[self.is_behind]]

    def draw(self, frame: Frame, seconds: float) -> None:
        width, height = frame.size
        for index, (tile, speed) in enumerate(self._tiles):
            down = seconds * height * speed
            across = height * (0.012 + 0.05 * speed) * np.sin(seconds * 0.9 + index * 2) + seconds * height * 0.02
            if not self.is_behind:
                # The nearest flakes are soft and quick: whole pixels do.
                flakes = np.roll(tile, (round(down) % height, round(across) % width), (0, 1))
            else:
                shift = np.array([[1, 0, across], [0, 1, down]], np.float64)
                flakes = cv2.warpAffine(tile, shift, (width, height), borderMode=cv2.BORDER_WRAP)
            cv2.add(frame.luma, _masked(flakes, self._mask), dst=frame.luma)


def _flakes(size: tuple[int, int], rng: np.random.Generator, share: tuple[float, int, float]) -> MatLike:
    width, height = size
    radius, count, bright = share
    tile = np.zeros((height, width), np.uint8)
    for x, y, scale in zip(
        rng.uniform(0, width, count), rng.uniform(0, height, count), rng.uniform(0.6, 1.3, count), strict=True
    ):
        reach = max(radius * height * scale, 0.6)
        cv2.circle(
            tile,
            (round(x * 16), round(y * 16)),
            round(reach * 16),
            (int(225 * bright * min(scale, 1)),),
            -1,
            cv2.LINE_AA,
            4,
        )
    return cv2.GaussianBlur(tile, (0, 0), max(radius * height * 0.35, 0.5))


class Fog:
    """Two sheets of mist that drift across each other, thicker below the horizon."""

    def __init__(
        self, size: tuple[int, int], rng: np.random.Generator, colour: Colour, strength: float, *, is_behind: bool
    ) -> None:
        width, height = size
        self.is_behind = is_behind
        self._small = (max(16, width // 8), max(16, height // 8))
        self._sheets = [_mist((2 * self._small[0], self._small[1]), rng) for _ in range(2)]
        rows = np.linspace(0, 1, self._small[1], dtype=np.float32)[:, None]
        self._profile = strength * np.clip(0.25 + 1.2 * np.exp(-(((rows - 0.62) / 0.28) ** 2)), 0, 1.2)
        self._colour = TO_YUV @ (np.array([*colour, 1.0], np.float32) * np.float32(255))

    def draw(self, frame: Frame, seconds: float) -> None:
        width, height = frame.size
        small = self._small
        density = np.zeros((small[1], small[0]), np.float32)
        for index, sheet in enumerate(self._sheets):
            speed = (0.010, -0.006)[index] * small[0] * seconds + 0.4 * index * small[0]
            shift = np.array([[1, 0, speed], [0, 1, 0]], np.float64)
            density += 0.5 * cv2.warpAffine(sheet, shift, small, borderMode=cv2.BORDER_WRAP)
        density = np.clip(density * self._profile, 0, 0.9)
        thick = cv2.resize(density, (width, height), interpolation=cv2.INTER_LINEAR)
        self._veil(frame.luma, thick, self._colour[:1])
        half = cv2.resize(density, (width // 2, height // 2), interpolation=cv2.INTER_LINEAR)
        self._veil(frame.chroma, half, self._colour[1:])

    @staticmethod
    def _veil(plane: MatLike, density: MatLike, colour: MatLike) -> None:
        flat = np.empty_like(plane)
        flat[:] = np.round(colour).astype(np.uint8) if plane.ndim == 3 else np.uint8(round(float(colour[0])))
        plane[:] = cv2.blendLinear(plane, flat, 1 - density, density)


def _mist(size: tuple[int, int], rng: np.random.Generator) -> MatLike:
    width, height = size
    total = np.zeros((height, width), np.float32)
    for cells, weight in ((3, 0.6), (7, 0.3), (15, 0.14)):
        noise = rng.random((cells + 1, 2 * cells), np.float32)
        wrapped = np.hstack([noise, noise[:, :2]])
        big = cv2.resize(
            wrapped, (round(width * wrapped.shape[1] / noise.shape[1]), height), interpolation=cv2.INTER_CUBIC
        )
        total += weight * big[:, :width]
    return np.clip(total * 1.25 - 0.15, 0, 1)


def veils_for(setting: SettingPlan, light: Light, size: tuple[int, int], seed: int, faces_to: float) -> list[Veil]:
    """What falls or drifts out of doors; before the cast it falls below `faces_to` (a share of the height) only.

    Streaks and flakes across a face would make it another's: the identity gate measures that.
    """
    rng = np.random.default_rng([seed, 23])
    veils: list[Veil] = []
    if setting.weather == "fog" or setting.mood == "mysterious":
        strength = 0.72 if setting.weather == "fog" else 0.36
        veils.append(Fog(size, rng, light.haze, strength, is_behind=True))
        veils.append(Fog(size, rng, light.haze, 0.16 * strength, is_behind=False))
    for clear_above in (None, faces_to):
        if setting.weather in {"rain", "storm"}:
            veils.append(Rain(size, rng, is_storm=setting.weather == "storm", clear_above=clear_above))
        if setting.weather == "snow":
            veils.append(Snow(size, rng, clear_above=clear_above))
    return veils


class Glitter:
    """Light that twinkles on water: two sparse patterns sliding across each other."""

    def __init__(self, size: tuple[int, int], rng: np.random.Generator, light: Light) -> None:
        width, height = size
        self._size = size
        self._patterns = [_dashes((width, height), rng) for _ in range(2)]
        rows = np.linspace(0.25, 1, height, dtype=np.float32)[:, None]
        self._strength = np.repeat(
            rows * (0.35 + 0.65 * luma(light.sun_colour)) * (1 - 0.7 * min(light.clouds, 1)), width, 1
        )

    def at(self, seconds: float) -> MatLike:
        """The light to add, uint8, (height, width)."""
        width, height = self._size
        drift = round(seconds * height * 0.55) % width
        first = self._patterns[0][:, drift : drift + width]
        second = self._patterns[1][:, width - drift : 2 * width - drift]
        return cv2.multiply(cv2.multiply(first, second, scale=1 / 150), self._strength, dtype=cv2.CV_8U)


def _dashes(size: tuple[int, int], rng: np.random.Generator) -> MatLike:
    width, height = size
    noise = rng.random((max(4, height // 3), max(4, width // 16))).astype(np.float32)
    pattern = np.clip((cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) - 0.62) * 3.2, 0, 1)
    return np.tile((pattern * 255).astype(np.uint8), (1, 2))
