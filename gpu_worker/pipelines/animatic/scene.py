"""Painted scenes: from a setting and a seed to layers ready to be filmed, and the cache that keeps them."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from contracts.commands import SettingPlan
from gpu_worker.pipelines.animatic import caves, cities, exteriors, halls, places, rooms
from gpu_worker.pipelines.animatic.light import Light, light_of
from gpu_worker.pipelines.animatic.stage import Stage
from gpu_worker.pipelines.animatic.surface import Surface, brush_texture

PAINTERS = {
    "field": exteriors.paint_field,
    "forest": exteriors.paint_forest,
    "mountains": exteriors.paint_mountains,
    "sea": exteriors.paint_sea,
    "river": exteriors.paint_river,
    "desert": exteriors.paint_desert,
    "garden": places.paint_garden,
    "road": places.paint_road,
    "village": places.paint_village,
    "city": cities.paint_city,
    "castle": places.paint_castle,
    "room": rooms.paint_room,
    "hall": halls.paint_hall,
    "cave": caves.paint_cave,
}
INDOORS = {"castle": "hall", "hall": "hall", "cave": "cave"}


@dataclass(frozen=True, slots=True)
class PaintedLayer:
    """One layer: premultiplied RGBA, uint8, (height, width, 4)."""

    rgba: MatLike
    depth: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A painted place: layers from far to near; world units are the canvas' height."""

    layers: tuple[PaintedLayer, ...]
    light: Light
    horizon: float
    is_interior: bool
    glitter: tuple[float, float, float] | None

    @property
    def size_bytes(self) -> int:
        """What it takes in memory."""
        return sum(int(layer.rgba.nbytes) for layer in self.layers)


def scenery_of(setting: SettingPlan) -> str:
    """Which painter paints this setting: inside a castle is a hall, inside most places a room."""
    return INDOORS.get(setting.scenery, "room") if setting.is_interior else setting.scenery


def paint_scene(setting: SettingPlan, seed: int, size: tuple[int, int]) -> Scene:
    """Paint the place on a canvas of `size` (width, height) px; the same arguments give the same pixels.

    Places of one seed are laid out alike at every hour and in every weather. Who makes the seed has heeded the name.
    """
    scenery = scenery_of(setting)
    width, height = size
    stage = Stage(setting=setting, light=light_of(setting), seeds=[seed, _number(scenery)], size=size)
    PAINTERS[scenery](stage)
    texture = brush_texture(stage.rng, height, width)
    noise = np.random.default_rng(7).random((height, width), np.float32)
    matrix = np.vstack([stage.light.grade.matrix(), [[0, 0, 0, 1]]]).astype(np.float32) * 255
    layers = tuple(
        PaintedLayer(_finished(surface, matrix, texture, noise), surface.depth) for surface in stage.surfaces
    )
    is_interior = scenery in {"room", "hall", "cave"}
    return Scene(layers, stage.light, stage.horizon, is_interior, stage.glitter)


def _finished(surface: Surface, matrix: MatLike, texture: MatLike, noise: MatLike) -> MatLike:
    """Graded, brushed, dithered against banding and cut to uint8; only the rows that hold something."""
    finished = np.zeros(surface.rgba.shape, np.uint8)
    held = np.flatnonzero(surface.rgba[..., 3].max(1) > 0)
    if not held.size:
        return finished
    rows = slice(int(held[0]), int(held[-1]) + 1)
    graded = cv2.transform(surface.rgba[rows], matrix)
    factor = texture[rows] * np.float32(surface.strokes) + np.float32(1)
    alpha = cv2.min(graded[..., 3], np.full_like(factor, 255))
    for channel in range(3):
        plane = cv2.multiply(graded[..., channel], factor)
        cv2.add(plane, noise[rows], dst=plane)
        finished[rows, :, channel] = np.clip(plane, 0, alpha)
    finished[rows, :, 3] = alpha + np.float32(0.5)
    return finished


def _number(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")


class SceneCache:
    """Scenes painted before, the least recently used given up beyond `limit_bytes`."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._scenes: OrderedDict[str, Scene] = OrderedDict()

    def scene(self, setting: SettingPlan, seed: int, size: tuple[int, int]) -> Scene:
        """The scene, painted now if it is not at hand."""
        key = f"{setting.model_dump_json()}|{seed}|{size}"
        found = self._scenes.pop(key, None) or paint_scene(setting, seed, size)
        self._scenes[key] = found
        while len(self._scenes) > 1 and sum(scene.size_bytes for scene in self._scenes.values()) > self._limit_bytes:
            self._scenes.popitem(last=False)
        return found
