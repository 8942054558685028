"""Training pictures: drawn figures with alpha, changed as films change them, and set on a white square."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from weather import weathered

Picture = NDArray[np.uint8]
Random = np.random.Generator


@dataclass(frozen=True)
class Character:
    """One drawn character: its style, the number of its sibling pair and its pictures as PNG (decoded when needed)."""

    style: str
    pair: int
    files: list[bytes]

    @property
    def pictures(self) -> list[Picture]:
        """The pictures as RGBA."""
        return [read(content) for content in self.files]


def read_characters(folder: Path) -> list[Character]:
    """Reads a folder that draw_characters.mjs wrote."""
    index = json.loads((folder / "index.json").read_text())
    return [
        Character(
            entry["style"], entry["pair"], [path.read_bytes() for path in sorted((folder / entry["id"]).glob("*.png"))]
        )
        for entry in index
    ]


def read(content: bytes) -> Picture:
    """Decodes a PNG with alpha as RGBA."""
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    return cv2.cvtColor(decoded, cv2.COLOR_BGRA2RGBA)


def warp(picture: Picture, random: Random) -> Picture:
    """Turns, shears, stretches and mirrors a figure."""
    height, width = picture.shape[:2]
    angle = np.deg2rad(random.normal(0, 7))
    stretch, shear = 1 + random.normal(0, 0.04), random.normal(0, 0.04)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shape = turn @ np.array([[stretch, shear], [0, 1 / stretch]])
    if random.random() < 0.5:
        shape = shape @ np.diag([-1.0, 1.0])
    shape *= 0.86
    centre = np.array([width / 2, height / 2])
    matrix = np.hstack([shape, (centre - shape @ centre)[:, None]])
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR)


def cut_by_frame(picture: Picture, random: Random) -> Picture:
    """Cuts a part of the figure off, as a film frame or a caption does."""
    rows, columns = np.flatnonzero(picture[..., 3].max(axis=1)), np.flatnonzero(picture[..., 3].max(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    height, width = bottom - top, right - left
    if random.random() < 0.4:
        bottom -= int(height * random.uniform(0, 0.3))
    if random.random() < 0.15:
        top += int(height * random.uniform(0, 0.12))
    if random.random() < 0.3:
        cut = int(width * random.uniform(0, 0.22))
        left, right = (left + cut, right) if random.random() < 0.5 else (left, right - cut)
    return picture[top:bottom, left:right]


def relight(colours: NDArray[np.float32], random: Random) -> NDArray[np.float32]:
    """Changes gamma, colour cast, contrast and the fall of light; colours are 0..1."""
    answer = np.power(colours, np.float32(np.exp(random.normal(0, 0.13))))
    answer = answer * np.exp(random.normal(0, 0.05, 3)).astype(np.float32)
    contrast = np.float32(np.exp(random.normal(0, 0.08)))
    answer = (answer - 0.5) * contrast + np.float32(0.5 + random.normal(0, 0.03))
    if random.random() < 0.4:
        height, width = answer.shape[:2]
        direction = random.uniform(0, 2 * np.pi)
        ramp = np.linspace(-1, 1, width)[None, :] * np.cos(direction) + np.linspace(-1, 1, height)[:, None] * np.sin(
            direction
        )
        answer = answer * (1 + np.float32(random.uniform(0, 0.15)) * ramp[..., None].astype(np.float32))
    return np.clip(answer, 0, 1)


def recolour(picture: Picture, *, turn: int, order: tuple[int, ...]) -> Picture:
    """Turns the hues and swaps the channels of a whole character, which makes another character of it."""
    hues = cv2.cvtColor(np.ascontiguousarray(picture[..., :3][..., order]), cv2.COLOR_RGB2HSV)
    hues[..., 0] = (hues[..., 0].astype(int) + turn) % 180
    return np.dstack([cv2.cvtColor(hues, cv2.COLOR_HSV2RGB), picture[..., 3]])


def rough_edge(alpha: Picture, random: Random) -> Picture:
    """Makes the cut-out a little too wide, too narrow or ragged, as finders of figures do."""
    kind = random.random()
    kernel = np.ones((3, 3), np.uint8)
    if kind < 0.25:
        return cv2.dilate(alpha, kernel)
    if kind < 0.5:
        return cv2.erode(alpha, kernel)
    if kind < 0.65:
        noise = cv2.GaussianBlur(random.normal(0, 1, alpha.shape).astype(np.float32), (0, 0), 3)
        return np.where(noise > 0.12, cv2.dilate(alpha, np.ones((5, 5), np.uint8)), alpha)
    return alpha


def degrade(colours: Picture, random: Random) -> Picture:
    """Makes a picture small, soft and noisy, as compression and distance do."""
    side = colours.shape[0]
    if random.random() < 0.4:
        small = int(side * random.uniform(0.35, 0.9))
        colours = cv2.resize(cv2.resize(colours, (small, small), interpolation=cv2.INTER_AREA), (side, side))
    if random.random() < 0.3:
        colours = np.clip(colours + random.normal(0, random.uniform(1, 5), colours.shape), 0, 255).astype(np.uint8)
    if random.random() < 0.4:
        quality = int(random.uniform(30, 90))
        colours = cv2.imdecode(cv2.imencode(".jpg", colours, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    return colours


def on_white_square(colours: Picture, alpha: Picture, side: int) -> Picture:
    """Centres a figure on a white square of side pixels: the same rule as the product's."""
    height, width = colours.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    share = cv2.resize(alpha, size, interpolation=way)[..., None].astype(np.float32) / 255
    figure = cv2.resize(colours, size, interpolation=way).astype(np.float32) * share + 255 * (1 - share)
    square = np.full((side, side, 3), 255, np.uint8)
    top, left = (side - size[1]) // 2, (side - size[0]) // 2
    square[top : top + size[1], left : left + size[0]] = np.rint(figure).astype(np.uint8)
    return square


def posed(picture: Picture, random: Random) -> Picture:
    """Answers an RGBA figure as a further picture of it might hold it: turned, mirrored, cut off."""
    return cut_by_frame(warp(picture, random), random)


def filmed(figure: Picture, side: int, random: Random) -> Picture:
    """Answers an RGBA figure as a film shows it, on its white square: lit, in weather, roughly cut out, compressed."""
    alpha = figure[..., 3]
    ground = random.integers(0, 256, 3).astype(np.float32)
    share = alpha[..., None].astype(np.float32) / 255
    scene = figure[..., :3].astype(np.float32) * share + ground * (1 - share)
    lit = (weathered(relight(scene / 255, random), random) * 255).astype(np.uint8)
    return degrade(on_white_square(lit, rough_edge(alpha, random), side), random)


def change(picture: Picture, side: int, random: Random) -> Picture:
    """Answers a training example (side, side, 3) of an RGBA picture."""
    return filmed(posed(picture, random), side, random)


def plain(picture: Picture, side: int) -> Picture:
    """Answers an RGBA picture as it is on its white square."""
    rows, columns = np.flatnonzero(picture[..., 3].max(axis=1)), np.flatnonzero(picture[..., 3].max(axis=0))
    cut = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return on_white_square(cut[..., :3], cut[..., 3], side)
