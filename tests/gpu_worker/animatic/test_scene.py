"""Painted places: every one of them, at every time, is a picture and stays itself."""

from typing import get_args

import numpy as np
import pytest
from cv2.typing import MatLike

from contracts.commands import SettingPlan
from gpu_worker.pipelines.animatic.scene import PAINTERS, Scene, SceneCache, paint_scene

SCENERIES = get_args(SettingPlan.model_fields["scenery"].annotation)
TIMES = get_args(SettingPlan.model_fields["time_of_day"].annotation)
WEATHERS = get_args(SettingPlan.model_fields["weather"].annotation)
MOODS = get_args(SettingPlan.model_fields["mood"].annotation)
SIZE = (230, 130)


def flattened(scene: Scene) -> MatLike:
    picture: MatLike = np.zeros((SIZE[1], SIZE[0], 3), np.float32)
    for layer in scene.layers:
        through = 1 - layer.rgba[..., 3:].astype(np.float32) / 255
        picture = picture * through + layer.rgba[..., :3]
    return picture


def setting(**words: object) -> SettingPlan:
    return SettingPlan.model_validate(words)


def test_every_scenery_of_the_contract_has_a_painter() -> None:
    assert set(PAINTERS) == set(SCENERIES)


@pytest.mark.parametrize("scenery", SCENERIES)
@pytest.mark.parametrize("time_of_day", TIMES)
def test_a_scene_is_a_whole_picture_and_not_flat(scenery: str, time_of_day: str) -> None:
    scene = paint_scene(setting(scenery=scenery, time_of_day=time_of_day), 5, SIZE)
    picture = flattened(scene)
    assert picture.std() > 7
    assert len(np.unique(picture.astype(np.uint8).reshape(-1, 3), axis=0)) > 1500
    assert scene.layers[0].rgba[..., 3].min() == 255


@pytest.mark.parametrize("weather", WEATHERS)
def test_every_weather_changes_the_place(weather: str) -> None:
    clear = flattened(paint_scene(setting(scenery="village"), 5, SIZE))
    other = flattened(paint_scene(setting(scenery="village", weather=weather), 5, SIZE))
    assert (np.abs(clear - other).mean() > 4) == (weather != "clear")


@pytest.mark.parametrize("mood", MOODS)
def test_every_mood_is_graded(mood: str) -> None:
    picture = flattened(paint_scene(setting(scenery="castle", mood=mood), 5, SIZE))
    assert 30 < picture.mean() < 225


def test_night_is_darker_than_dusk_and_dusk_than_day() -> None:
    lights = [
        flattened(paint_scene(setting(scenery="road", time_of_day=time), 5, SIZE)).mean()
        for time in ("night", "dusk", "day")
    ]
    assert lights == sorted(lights)


def test_a_place_stays_itself_for_its_seed_and_differs_for_another() -> None:
    first, again, other = (paint_scene(setting(scenery="river"), seed, SIZE) for seed in (3, 3, 4))
    assert np.array_equal(flattened(first), flattened(again))
    assert not np.array_equal(flattened(first), flattened(other))


def test_the_inside_of_a_castle_is_a_hall_and_of_a_village_a_room() -> None:
    inside = paint_scene(setting(scenery="castle", is_interior=True), 5, SIZE)
    assert inside.is_interior
    assert not paint_scene(setting(scenery="castle"), 5, SIZE).is_interior
    assert paint_scene(setting(scenery="village", is_interior=True), 5, SIZE).is_interior


def test_the_cache_gives_up_the_oldest_scene_beyond_its_limit() -> None:
    probe = paint_scene(setting(scenery="sea"), 1, SIZE)
    cache = SceneCache(limit_bytes=2 * probe.size_bytes)
    kept = cache.scene(setting(scenery="sea"), 1, SIZE)
    assert cache.scene(setting(scenery="sea"), 1, SIZE) is kept
    for seed in (2, 3, 4):
        cache.scene(setting(scenery="sea"), seed, SIZE)
    assert cache.scene(setting(scenery="sea"), 1, SIZE) is not kept
