"""The light of a setting: sky colours, key and ambient light, haze and the mood's colour grade.

Colours are display-referred RGB, 0 to 1, as float tuples; directions are screen vectors towards the light, y down.
"""

from dataclasses import dataclass, replace

import numpy as np
from cv2.typing import MatLike

from contracts.commands import SettingPlan
from gpu_worker.pipelines.finishing.colours import Colour, hexed


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`first` with `share` of `second` in it."""
    return (
        first[0] + (second[0] - first[0]) * share,
        first[1] + (second[1] - first[1]) * share,
        first[2] + (second[2] - first[2]) * share,
    )


def scaled(colour: Colour, factor: float) -> Colour:
    """Brighter or darker by `factor`."""
    return (colour[0] * factor, colour[1] * factor, colour[2] * factor)


def times(first: Colour, second: Colour) -> Colour:
    """The light `second` on the surface `first`."""
    return (first[0] * second[0], first[1] * second[1], first[2] * second[2])


def greyed(colour: Colour) -> Colour:
    """The grey of the same luma."""
    return (luma(colour), luma(colour), luma(colour))


def luma(colour: Colour) -> float:
    """Rec. 709 luma of display-referred RGB."""
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


@dataclass(frozen=True, slots=True)
class Grade:
    """A mood's colour grade: saturation, contrast about the middle, gain a channel, lift and vignette."""

    saturation: float = 1.0
    contrast: float = 1.0
    gain: Colour = (1.0, 1.0, 1.0)
    lift: Colour = (0.0, 0.0, 0.0)
    vignette: float = 0.22

    def matrix(self) -> MatLike:
        """A 3x4 matrix for premultiplied RGBA, so that lift and contrast respect coverage."""
        weights = np.array([[0.2126, 0.7152, 0.0722]], np.float32)
        saturate = np.eye(3, dtype=np.float32) * self.saturation + (1 - self.saturation) * np.repeat(weights, 3, 0)
        colours = np.diag(np.array(self.gain, np.float32)) @ saturate * self.contrast
        offset = np.array(self.lift, np.float32) + 0.45 * (1 - self.contrast)
        return np.hstack([colours, offset[:, None]]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Light:
    """Everything a painter must know about the light."""

    sky: tuple[tuple[float, Colour], ...]
    haze: Colour
    ambient: Colour
    key: Colour
    sun: tuple[float, float]  # where in the sky: shares of its width and height
    sun_colour: Colour
    has_moon: bool = False
    stars: float = 0.0
    clouds: float = 0.25
    cloud_lit: Colour = (1.0, 1.0, 1.0)
    cloud_shade: Colour = (0.7, 0.75, 0.82)
    haze_strength: float = 1.0
    lamps: float = 0.0  # how far lamps and windows are lit
    snow: float = 0.0
    wet: float = 0.0
    grade: Grade = Grade()

    def shade(self, albedo: Colour, distance: float = 0.0, lit: float = 0.5) -> Colour:
        """A surface in this light, `lit` from 0 in shadow to 1 facing the key, hazed by distance 0 to 1."""
        light = (
            self.ambient[0] + self.key[0] * lit,
            self.ambient[1] + self.key[1] * lit,
            self.ambient[2] + self.key[2] * lit,
        )
        hazed = 1.0 - float(np.exp(-1.65 * distance * self.haze_strength))
        return mix(times(albedo, light), self.haze, min(hazed, 0.96))

    @property
    def towards(self) -> tuple[float, float]:
        """The unit vector to the light on the screen."""
        across, up = self.sun[0] - 0.5, -0.55
        length = float(np.hypot(across, up)) or 1.0
        return across / length, up / length

    def from_side(self, side: int) -> "Light":
        """The same light falling in from the left (-1) or the right (1)."""
        return replace(self, sun=(0.5 + side * abs(self.sun[0] - 0.5), self.sun[1]))

    @property
    def is_dark(self) -> bool:
        """Whether lamps are the brightest things about."""
        return self.lamps > 0.6


def _stops(*codes: str) -> tuple[tuple[float, Colour], ...]:
    return tuple((index / (len(codes) - 1), hexed(code)) for index, code in enumerate(codes))


TIMES: dict[str, Light] = {
    "dawn": Light(
        sky=_stops("5f74b0", "a394bd", "e6a9a2", "f9c99a", "ffe6b8"),
        haze=hexed("f0c6ae"),
        ambient=(0.60, 0.55, 0.66),
        key=(0.62, 0.44, 0.28),
        sun=(0.26, 0.86),
        sun_colour=hexed("fff0c4"),
        stars=0.1,
        clouds=0.35,
        cloud_lit=hexed("ffdcc2"),
        cloud_shade=hexed("b690ae"),
        haze_strength=1.25,
        lamps=0.3,
    ),
    "day": Light(
        sky=_stops("3f8bcb", "6fb3e0", "a8d6ee", "dcf0f1"),
        haze=hexed("b9d9ea"),
        ambient=(0.58, 0.65, 0.72),
        key=(0.60, 0.54, 0.40),
        sun=(0.74, 0.20),
        sun_colour=hexed("fffbe6"),
        clouds=0.42,
        cloud_lit=hexed("ffffff"),
        cloud_shade=hexed("b4c9dd"),
    ),
    "dusk": Light(
        sky=_stops("2a2b61", "61458a", "b9557c", "f0805a", "ffc56c"),
        haze=hexed("d8866f"),
        ambient=(0.44, 0.40, 0.60),
        key=(0.78, 0.40, 0.16),
        sun=(0.70, 0.88),
        sun_colour=hexed("ffd98a"),
        stars=0.2,
        clouds=0.4,
        cloud_lit=hexed("ff9f6e"),
        cloud_shade=hexed("6d4480"),
        haze_strength=1.15,
        lamps=0.75,
    ),
    "night": Light(
        sky=_stops("050a1e", "0b1a3d", "17315f", "35598a"),
        haze=hexed("2c4a73"),
        ambient=(0.19, 0.26, 0.42),
        key=(0.16, 0.20, 0.27),
        sun=(0.72, 0.28),
        sun_colour=hexed("eef3ff"),
        has_moon=True,
        stars=1.0,
        clouds=0.22,
        cloud_lit=hexed("54709c"),
        cloud_shade=hexed("1a2c50"),
        lamps=1.0,
    ),
}


def _overcast(light: Light, amount: float, darkness: float) -> Light:
    grey = scaled((0.80, 0.84, 0.90), (0.30 + 0.70 * luma(light.sky[-1][1])) * darkness)
    sky = tuple((stop, mix(colour, scaled(grey, 0.72 + 0.28 * stop), amount)) for stop, colour in light.sky)
    return replace(
        light,
        sky=sky,
        haze=mix(light.haze, grey, amount * 0.9),
        ambient=scaled(mix(light.ambient, greyed(light.ambient), amount * 0.5), 0.98),
        key=scaled(light.key, 1 - 0.75 * amount),
        stars=light.stars * (1 - amount),
        clouds=light.clouds + 0.5 * amount,
        cloud_lit=mix(light.cloud_lit, grey, amount * 0.8),
        cloud_shade=mix(light.cloud_shade, scaled(grey, 0.70), amount * 0.8),
    )


def _weathered(light: Light, weather: str) -> Light:
    match weather:
        case "cloudy":
            return _overcast(light, 0.6, 1.0)
        case "rain":
            rained = _overcast(light, 0.85, 0.74)
            return replace(rained, haze_strength=1.9, wet=1.0)
        case "snow":
            snowed = _overcast(light, 0.75, 1.02)
            # Snow lights its own shadows.
            return replace(snowed, ambient=scaled(snowed.ambient, 1.24), haze_strength=1.7, snow=1.0)
        case "fog":
            fogged = _overcast(light, 0.8, 1.0)
            return replace(fogged, haze_strength=4.2, clouds=0.0, stars=0.0)
        case "storm":
            stormed = _overcast(light, 0.92, 0.52)
            return replace(stormed, ambient=scaled(stormed.ambient, 0.82), haze_strength=1.8, clouds=1.1, wet=1.0)
        case _:
            return light


MOODS: dict[str, Grade] = {
    "neutral": Grade(),
    "joyful": Grade(saturation=1.14, contrast=1.02, gain=(1.03, 1.01, 0.96), lift=(0.01, 0.008, 0.0), vignette=0.14),
    "tense": Grade(saturation=0.74, contrast=1.12, gain=(0.97, 1.0, 0.97), vignette=0.42),
    "sad": Grade(saturation=0.62, contrast=0.96, gain=(0.93, 0.98, 1.05), vignette=0.30),
    "mysterious": Grade(
        saturation=0.84, contrast=1.04, gain=(0.86, 0.96, 1.04), lift=(0.006, 0.0, 0.018), vignette=0.45
    ),
    "epic": Grade(saturation=1.12, contrast=1.12, gain=(1.05, 1.0, 0.93), vignette=0.36),
}


def light_of(setting: SettingPlan) -> Light:
    """The light of this setting: its time, then its weather, then its mood."""
    light = _weathered(TIMES[setting.time_of_day], setting.weather)
    if setting.mood == "mysterious":
        light = replace(light, haze_strength=light.haze_strength * 1.35)
    return replace(light, grade=MOODS[setting.mood])
