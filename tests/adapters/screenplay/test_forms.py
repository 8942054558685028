"""Forms of scripts: Fountain, plays with inline cues, dialogue by dashes, quotation marks of many languages."""

import pytest

from domain.storyboards.models import Scenery, TimeOfDay, Weather
from tests.builders_scripts import board, cast_of, spoken

FOUNTAIN = """Title: The Stolen Clock
Author: A. Writer

INT. CLOCKMAKER'S SHOP - NIGHT

Rain streaks the window. ANNA (30s) winds a *tiny* clock. [[a note]]

ANNA
(whispering)
Come on, old friend.

/* cut: a scene with
a cat */

TOM (V.O.)
They're coming! We have to go!

CUT TO:

EXT. CITY STREET - CONTINUOUS

They run through the alley.

> FADE OUT.
"""


def test_fountain_is_read_with_its_headings_cues_and_notes() -> None:
    shots = board(FOUNTAIN, "Anna", "Tom")

    assert spoken(shots) == [("Anna", "Come on, old friend."), ("Tom", "They're coming! We have to go!")]
    assert [shot.narration for shot in shots if shot.narration] == [
        "Clockmaker's shop",
        "Rain streaks the window. ANNA (30s) winds a tiny clock.",
        "City street",
        "They run through the alley.",
    ]
    inside, outside = shots[0].setting, shots[-1].setting
    assert (inside.scenery, inside.is_interior, inside.time_of_day) == (Scenery.ROOM, True, TimeOfDay.NIGHT)
    assert (outside.scenery, outside.is_interior, outside.weather) == (Scenery.CITY, False, Weather.RAIN)
    assert cast_of(shots[-1], "Anna", "Tom") == {"Anna", "Tom"}


def test_a_note_that_nothing_closes_is_text_like_any_other() -> None:
    shots = board("INT. HOUSE\n\nAnna /* no cat */ sleeps. Tom [[a note]] waits /* for long.", "Anna", "Tom")

    assert shots[1].narration == "Anna  sleeps. Tom  waits /* for long."


@pytest.mark.parametrize(
    ("form", "speakers"),
    [
        ("Ber. Who's there?\nFran. Nay, answer me.\nBer. Long live the king!", ["Bernardo", "Francisco", "Bernardo"]),
        ("BERNARDO. Who's there?\nFRANCISCO. Nay, answer me.", ["Bernardo", "Francisco"]),
        ("Bernardo: Who's there?\nFrancisco: Nay, answer me.\nBernardo: Well.", ["Bernardo", "Francisco", "Bernardo"]),
        ("BERNARDO\nWho's there?\n\nFRANCISCO\nNay, answer me.", ["Bernardo", "Francisco"]),
    ],
)
def test_a_play_may_write_its_cues_in_many_ways(form: str, speakers: list[str]) -> None:
    assert [speaker for speaker, _ in spoken(board(form, "Bernardo", "Francisco"))] == speakers


def test_a_chinese_play_has_cues_with_a_full_width_colon() -> None:
    shots = board("第一场 城堡外 夜\n\n愚公：吾与汝毕力平险，可乎？\n智叟：（笑）甚矣，汝之不惠！", "愚公", "智叟")

    assert spoken(shots) == [("愚公", "吾与汝毕力平险，可乎？"), ("智叟", "甚矣，汝之不惠！")]
    assert (shots[0].setting.scenery, shots[0].setting.time_of_day) == (Scenery.CASTLE, TimeOfDay.NIGHT)


STORIES = [
    ("“Home,” said Anna. Tom laughed.", "Anna", "Home."),
    ("'Home,' said Anna at last, 'if you'll let me.' Tom didn't laugh.", "Anna", "Home, if you'll let me."),
    ("„Du bist so langsam“, sagte Anna. Dann lachte Tom über die Schnecke.", "Anna", "Du bist so langsam"),
    ("« Tu es lente », dit Anna. Le soir, dans la forêt, Tom dormait.", "Anna", "Tu es lente"),
    ("— Ты такая медленная! — сказала Анна. — Как ты живёшь?", "Анна", "Ты такая медленная! Как ты живёшь?"),
    ("—¡Qué lenta eres! —dijo Anna—. ¿Adónde vas?", "Anna", "¡Qué lenta eres! ¿Adónde vas?"),
    ("— Faisons la course, répondit Anna. Je gagnerai.", "Anna", "Faisons la course, Je gagnerai."),
    ("”Sinä olet hidas”, sanoi Anna. Kilpikonna nukkui metsässä.", "Anna", "Sinä olet hidas"),
    ("かめは「君は遅いね」と言いました。うさぎは走りました。", "かめ", "君は遅いね"),
    ('옛날 숲속에 살았습니다. "너는 너무 느려!" 토끼가 말했습니다.', "토끼", "너는 너무 느려!"),
    ("兔子笑著說：「你走得真慢！」烏龜還沒回答。", "兔子", "你走得真慢！"),
]


@pytest.mark.parametrize(("story", "speaker", "words"), STORIES)
def test_speech_is_found_in_every_kind_of_quotation_marks(story: str, speaker: str, words: str) -> None:
    assert spoken(board(story, speaker)) == [(speaker, words)]


@pytest.mark.parametrize(
    ("story", "name"),
    [
        ("On the table stood Peter's soup.", "Peter"),
        ("The hare slept.", "The Hare"),
        ("Am Abend schlief der Wolf im Bett des Wolfes.", "Wolf"),
        ("Черепаха обогнала Зайца в лесу.", "Заяц"),
        ("Kilpikonna ohitti Jäniksen metsässä eilen.", "Jänis"),
        ("北山愚公面山而居。", "愚公"),
        ("愚公移山。", "北山愚公"),
    ],
)
def test_a_name_is_recognised_in_its_inflections(story: str, name: str) -> None:
    assert cast_of(board(story, name)[0], name) == {name}


def test_a_talk_without_names_goes_back_and_forth() -> None:
    story = "'Where to?' asked Tom.\n\n'Home,' said Anna.\n\n'It is raining.'\n\n'I don't care.'"

    assert [speaker for speaker, _ in spoken(board(story, "Tom", "Anna"))] == ["Tom", "Anna", "Tom", "Anna"]


def test_a_scare_quote_is_not_speech() -> None:
    assert spoken(board('The house they called "home" was small. Anna sat down.', "Anna")) == []


def test_whoever_is_not_of_the_cast_still_speaks() -> None:
    lines = spoken(board('The fox looked up. "What lovely feathers!" said the fox. The crow was proud.'))

    assert lines == [("Fox", "What lovely feathers!")]
