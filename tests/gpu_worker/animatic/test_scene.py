"""Painted places: every one of them, at every time, is a picture and stays itself."""

from functools import cache
from typing import get_args

import numpy as np
import pytest
from cv2.typing import MatLike

from contracts.commands import SettingPlan
from gpu_worker.pipelines.animatic.light import light_of
from gpu_worker.pipelines.animatic.scene import PAINTERS, Scene, SceneCache, paint_scene
from gpu_worker.pipelines.animatic.stage import Stage

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


def staged(scenery: str, **words: object) -> Stage:
    """The place as its painter leaves it."""
    wanted = setting(scenery=scenery, **words)
    stage = Stage(setting=wanted, light=light_of(wanted), seeds=[5, 0], size=SIZE)
    PAINTERS[scenery](stage)
    return stage


@cache
def on_a_clear_day(scenery: str) -> Stage:
    return staged(scenery)


def unlike(first: Stage, second: Stage) -> float:
    """The share of pixels in which outlines of hills, trees and furniture differ, in the layer that differs most."""
    pairs = zip(first.surfaces, second.surfaces, strict=True)
    return max(float(((one.rgba[..., 3] > 0.5) != (other.rgba[..., 3] > 0.5)).mean()) for one, other in pairs)


@pytest.mark.parametrize("scenery", SCENERIES)
@pytest.mark.parametrize(
    ("hour", "weather"),
    [("dawn", "clear"), ("dusk", "cloudy"), ("night", "clear"), ("day", "rain"), ("day", "snow"), ("day", "fog")],
)
def test_a_place_is_laid_out_alike_at_every_hour_and_in_every_weather(scenery: str, hour: str, weather: str) -> None:
    by_day, other = on_a_clear_day(scenery), staged(scenery, time_of_day=hour, weather=weather)
    # As many dice have fallen: what the outlines do not show, wallpaper and windows, is the same, too.
    assert by_day.rng.bit_generator.state == other.rng.bit_generator.state
    # Caps of snow and glints on water are beyond an outline by a little.
    assert unlike(by_day, other) < 0.01


def test_places_of_other_seeds_are_laid_out_otherwise() -> None:
    first, second = (Stage(setting(), light_of(setting()), [seed, 0], SIZE) for seed in (5, 6))
    for stage in (first, second):
        PAINTERS["mountains"](stage)
    assert unlike(first, second) > 0.02


def test_the_room_is_lit_from_its_window_at_every_hour() -> None:
    sides = {staged("room", time_of_day=time).light.towards[0] > 0 for time in TIMES}
    assert len(sides) == 1


def test_a_name_written_otherwise_is_the_same_place() -> None:
    first, second = (paint_scene(setting(name=name), 5, SIZE) for name in ("The Meadow", "the  meadow "))
    assert np.array_equal(flattened(first), flattened(second))


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
