"""Weather moves, and keeps off faces."""

import numpy as np
import pytest

from contracts.commands import SettingPlan
from gpu_worker.pipelines.animatic.light import light_of
from gpu_worker.pipelines.animatic.weather import veils_for
from gpu_worker.pipelines.finishing.picture import Frame, blank

SIZE = (320, 180)
FACES_TO = 0.5


def grey() -> Frame:
    frame = blank(SIZE)
    frame.luma[:] = 90
    return frame


def weathered(weather: str, seconds: float, *, is_behind: bool) -> Frame:
    setting = SettingPlan.model_validate({"weather": weather})
    frame = grey()
    for veil in veils_for(setting, light_of(setting), SIZE, 3, FACES_TO):
        if veil.is_behind == is_behind:
            veil.draw(frame, seconds)
    return frame


@pytest.mark.parametrize("weather", ["rain", "storm", "snow", "fog"])
def test_weather_moves_behind_the_cast(weather: str) -> None:
    first, later = (weathered(weather, seconds, is_behind=True).luma.astype(int) for seconds in (0.5, 1.25))
    assert np.abs(first - grey().luma).max() > 10
    assert np.abs(first - later).max() > 2


@pytest.mark.parametrize("weather", ["rain", "storm", "snow"])
def test_nothing_falls_across_faces(weather: str) -> None:
    luma = weathered(weather, 0.8, is_behind=False).luma.astype(int)
    faces = round(FACES_TO * SIZE[1])
    assert (luma[:faces] == 90).all()
    assert (luma[faces:] > 90).any()


def test_clear_weather_is_still_air() -> None:
    setting = SettingPlan()
    assert veils_for(setting, light_of(setting), SIZE, 3, FACES_TO) == []
