"""Who speaks, what is a title, and how long weather and walls last: facts that readers take for granted."""

import pytest

from domain.storyboards.models import Scenery, ShotContent, TimeOfDay, Weather
from tests.builders_scripts import board, spoken


def actions(shots: list[ShotContent]) -> list[str]:
    return [shot.action for shot in shots]


@pytest.mark.parametrize(
    ("story", "name", "speaker"),
    [
        ("他把白鹤抱回家，奶奶问：“你从哪里找到它的？”", "小明", "奶奶"),
        ("奶奶对小明说：“吃饭！”", "小明", "奶奶"),
        ("妈妈问小明：“你饿吗？”", "小明", "妈妈"),
        ("小明的爷爷说：“要放它走。”", "小明", "爷爷"),
        ("老人点点头道：“要放它走。”", "小明", "老人"),
        ("小明对奶奶说：“我饿了。”", "小明", "小明"),
        ('Grandma said to Old Tom: "Eat!"', "Old Tom", "Grandma"),
        ('Old Tom came in and Grandma said, "Eat!"', "Old Tom", "Grandma"),
        ('Tom ran home. His mother asked, "Where were you?"', "Tom", "Mother"),
        ('He said to Tom, "Eat!"', "Mara", "Mara"),
    ],
)
def test_a_speaker_who_is_not_cast_keeps_the_line(story: str, name: str, speaker: str) -> None:
    shots = board(f"{name}。{story}" if speaker == name == "小明" else story, name)

    found = spoken(shots)[0][0]

    assert found == speaker if speaker != "Mara" else found != "Tom"


def test_who_is_told_of_without_being_cast_may_be_seen_as_an_extra() -> None:
    story = 'Old Tom came in and Grandma said, "Eat!"\n\nOld Tom sat down.\n\nGrandma laughed at Old Tom.'
    told = {shot.action: shot.extras for shot in board(story, "Old Tom")}
    assert told["Old Tom sat down."] is False
    assert told["Grandma laughed at Old Tom."] is True
    assert not any(shot.extras for shot in board(story, "Old Tom", "Grandma"))


def test_words_that_only_say_who_speaks_are_no_picture() -> None:
    story = (
        'Tom and Mara met. "I know, child," said Tom. "No!" whispered Mara.'
        ' "Yes, I do know," said Tom, waving his old hat.'
    )

    shots = board(story, "Tom", "Mara")

    assert actions(shots)[1:] == ["Tom speaks to Mara.", "Mara whispered.", "said Tom, waving his old hat"]
    assert [text for _, text in spoken(shots)] == ["I know, child.", "No!", "Yes, I do know."]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_line_of_capitals_is_a_title_and_no_shot(gap: str) -> None:
    shots = board(f"THE LIGHTHOUSE{gap}It was a stormy night. Mara slept on the hill.", "Mara")

    assert shots[0].action.startswith("It was a stormy night.")
    assert all(shot.setting.scenery is not Scenery.SEA for shot in shots)


def test_a_storm_lasts_until_a_new_day() -> None:
    story = "It was a stormy night at sea. Mara ran into the forest. Mara came to a castle. At dawn she saw the sea."

    weathers = [(shot.setting.time_of_day, shot.setting.weather) for shot in board(story, "Mara")]

    assert weathers[:-1] == [(TimeOfDay.NIGHT, Weather.STORM)] * (len(weathers) - 1)
    assert weathers[-1] == (TimeOfDay.DAWN, Weather.CLEAR)


def test_who_runs_inside_is_indoors_until_they_go_outside() -> None:
    story = (
        "Mara stood before the old castle and looked at it for a while. She ran inside and climbed the long stairs."
        " Then Mara lay down and slept until she was no longer tired. At last she went outside and walked away alone."
    )

    places = [(shot.setting.scenery, shot.setting.is_interior) for shot in board(story, "Mara")]

    assert places[0] == places[-1] == (Scenery.CASTLE, False)
    assert set(places[1:-1]) == {(Scenery.HALL, True)}


def test_the_address_of_a_page_is_kept_whole() -> None:
    address = "http://example.com/aaa,bbb"
    story = f"Mara wrote down all that she had seen that day: {address} was on the wall of the old house by the sea."

    assert any(address in action for action in actions(board(story, "Mara")))
