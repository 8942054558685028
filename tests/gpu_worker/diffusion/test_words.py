"""What a model is told, where the cast is to stand, and in which size it is made."""

import pytest
from PIL import Image

from contracts.commands import Adapter, SettingPlan, ShotPlan
from gpu_worker.pipelines.diffusion.family import FamilyCapabilities
from gpu_worker.pipelines.diffusion.prompts import prompt_of
from gpu_worker.pipelines.diffusion.regions import regions_of
from gpu_worker.pipelines.diffusion.sizes import family_size, fitted
from tests.builders_pictures import NAMES, plan_of

CAN = FamilyCapabilities(pixels_min=256 * 256, pixels_native=512 * 512, pixels_max=768 * 768, size_multiple=64)


def words_of(plan: ShotPlan) -> str:
    return prompt_of(plan, "").text


def test_a_prompt_tells_place_weather_time_mood_and_shot_size() -> None:
    setting = SettingPlan(scenery="castle", weather="fog", time_of_day="night", mood="tense")
    words = words_of(plan_of(setting=setting, size="close_up", style="ink drawing"))
    assert all(word in words for word in ("castle", "fog", "night", "tense", "close-up", "ink drawing"))


def test_a_script_of_another_language_lends_no_word() -> None:
    setting = SettingPlan(name="龟兔赛跑的田野", scenery="field")
    plan = plan_of(NAMES[0], setting=setting, action="兔子跑得很快。", language="zh", style="水墨画")
    assert words_of(plan).isascii()
    german = plan_of(NAMES[0], action="Der Hase rennt.", language="de", setting=SettingPlan(name="Das Feld"))
    assert "Hase" not in words_of(german)
    assert "Feld" not in words_of(german)


def test_given_words_are_used_whatever_the_script_is_written_in() -> None:
    assert "a hare runs" in words_of(plan_of(action="兔子跑得很快。", language="zh", prompt="a hare runs."))
    assert "They talk" in words_of(plan_of(language="en"))


def test_a_character_is_called_by_its_trigger_word_and_looks() -> None:
    plan = plan_of(NAMES[0], prompt=f"{NAMES[0]} waves")
    member = plan.cast[0].model_copy(
        update={"appearance": "a grey hare in a vest", "adapter": Adapter(weights="w", trigger="lmnk")}
    )
    words = words_of(plan.model_copy(update={"cast": [member]}))
    assert "lmnk a grey hare in a vest" in words
    assert "lmnk waves" in words
    assert NAMES[0] not in words


def test_a_name_within_a_longer_one_is_not_called_by_its_trigger_word() -> None:
    plan = plan_of(*NAMES[:2], prompt="Peter Pan flies to Peter.")
    peter, pan = plan.cast
    cast = [
        peter.model_copy(update={"name": "Peter", "adapter": Adapter(weights="w", trigger="lmnk")}),
        pan.model_copy(update={"name": "Peter Pan"}),
    ]
    assert "Peter Pan flies to lmnk" in words_of(plan.model_copy(update={"cast": cast}))


def test_the_cast_stands_where_it_was_placed() -> None:
    plan = plan_of(*NAMES[:2], size="medium")
    swapped = [
        member.model_copy(update={"placement": side}) for member, side in zip(plan.cast, ("right", "left"), strict=True)
    ]
    first, second = regions_of(plan.model_copy(update={"cast": swapped}), (1280, 720))
    assert first[0] > second[0]
    assert all(0 <= value <= 1 for value in (*first, *second))


@pytest.mark.parametrize("ordered", [(1280, 720), (720, 1280), (1080, 1080), (1920, 800), (64, 64)])
def test_a_family_makes_its_own_size_and_the_order_is_met_exactly(ordered: tuple[int, int]) -> None:
    width, height = family_size(ordered, CAN)
    assert width % 64 == height % 64 == 0
    assert 0.75 < width * height / CAN.pixels_native < 1.25
    assert 0.85 < width / height / (ordered[0] / ordered[1]) < 1.15
    assert fitted(Image.new("RGB", (width, height)), ordered).size == ordered


def test_a_size_below_what_a_family_can_make_is_refused() -> None:
    with pytest.raises(ValueError, match="smaller"):
        family_size((512, 512), CAN, share=0.1)
