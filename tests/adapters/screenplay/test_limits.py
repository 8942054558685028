"""Limits and hostile scripts: a clear refusal or a sensible board, never a crash."""

from itertools import product
from string import ascii_lowercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.screenplay.planner import ScreenplayPlanner
from domain.errors import Invalid, LabError, LimitExceeded
from domain.storyboards.models import SCRIPT_CHARACTERS_MAX, SHOT_SECONDS_MAX, SHOTS_MAX, ShotContent
from domain.storyboards.texts import PLACE_CHARACTERS_MAX, SPEAKER_CHARACTERS_MAX, checked_content
from tests.builders_scripts import LANGUAGES, board, order, script


async def planned(text: str) -> list[ShotContent]:
    return [shot async for shot in ScreenplayPlanner(LANGUAGES).plan(order(text, "Anna", "愚公"))]


@pytest.mark.parametrize("text", ["", "   \n\t ", "🐰🐢🏁", "…!?", "\u200b\x00"])
async def test_a_script_without_words_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        await planned(text)

    assert refused.value.field == "script"


async def test_a_script_of_a_megabyte_is_refused_before_any_work() -> None:
    with pytest.raises(LimitExceeded, match="1,000,000 characters"):
        await planned("a" * 1_000_000)


def test_a_whole_book_becomes_longer_shots_instead_of_too_many() -> None:
    book = "\n\n".join([script("peter_rabbit.txt")] * 80)
    assert len(book) <= SCRIPT_CHARACTERS_MAX

    shots = board(book, "Peter Rabbit")

    assert 500 < len(shots) <= SHOTS_MAX
    assert max(shot.seconds for shot in shots) <= SHOT_SECONDS_MAX


@pytest.mark.parametrize("target", [40.0, 60.0, 150.0])
def test_the_film_is_as_long_as_was_asked_for(target: float) -> None:
    shots = board(script("tortoise.txt"), "Hare", "Tortoise", seconds_target=target)

    assert sum(shot.seconds for shot in shots) == pytest.approx(target, abs=0.5)


def test_a_film_that_is_asked_to_be_too_short_stays_readable() -> None:
    shots = board(script("tortoise.txt"), "Hare", "Tortoise", seconds_target=5.0)

    assert min(shot.seconds for shot in shots) >= 1.5


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_the_writer(text: str) -> None:
    try:
        shots = board(text, "Anna", "愚公", "Ö", "'")
    except LabError:
        return

    assert shots
    assert all(1.0 <= shot.seconds <= SHOT_SECONDS_MAX for shot in shots)
    assert all(map(checked_content, shots))


MARKS = [
    ". ",
    "! ",
    "— ",
    "“",
    "”",
    '"',
    "'",
    "「",
    "」",
    "«",
    "»",
    ", ",
    "; ",
    "(",
    ")",
    "*",
    "[[",
    "/*",
    "\n",
    "\n\n",
]
WORDS = [
    "ANNA",
    "INT. ",
    "said ",
    "Anna ",
    "he ",
    "愚公",
    "曰：",
    "A: ",
    "SCENE I. ",
    "forest ",
    "a ",
    "ran ",
    "🐰",
    "Mr. ",
]
PIECES = st.sampled_from([*MARKS, *WORDS, "\u202e", "é"])


@given(st.lists(PIECES, max_size=60).map("".join))
@settings(max_examples=250, deadline=None)
def test_no_mixture_of_marks_breaks_the_writer(text: str) -> None:
    try:
        shots = board(text, "Anna", "愚公")
    except LabError:
        return

    assert all(shot.narration or shot.dialogue for shot in shots)
    assert all(map(checked_content, shots))


STRANGERS = ["Ab" + "".join(letters) for letters in product(ascii_lowercase, repeat=3)]
MANY_DOTS = ("a" + "☃" * 60) * 3200
LONG_PLACE, LONG_NAME = "a dark and endless corridor " * 12, "ANNA OF THE HILLS " * 12


@pytest.mark.parametrize(
    "text",
    [
        f"INT. {LONG_PLACE}- NIGHT\n\nAnna walks.",
        f"INT. {LONG_PLACE.upper()}- NIGHT\n\nAnna walks.",
        f"{LONG_NAME}: Who is there?\n{LONG_NAME}: Nobody.\n{LONG_NAME}: Well.",
        f"@{LONG_NAME}\nWho is there?\n\nINT. HOUSE\n\n@AN\u202eNA\nNobody.",
        f"INT. HO\u202eUSE - NIGHT\n\n{MANY_DOTS}",
        f"Anna came. “{MANY_DOTS}” said Anna.",
        f"“No!” said Anna, {'as tired as she could be ' * 400}.",
    ],
)
def test_whatever_the_writer_gives_out_can_be_edited(text: str) -> None:
    shots = board(text, "Anna")

    assert all(checked_content(shot).action for shot in shots)
    assert max(len(shot.setting.name) for shot in shots) <= PLACE_CHARACTERS_MAX
    assert max((len(line.speaker) for shot in shots for line in shot.dialogue), default=0) <= SPEAKER_CHARACTERS_MAX


@pytest.mark.parametrize(
    "text",
    [
        "A" + " " * 100_000 + "b",
        "a" + ".-" * 50_000,
        "'x.'" * 50_000,
        "—" * 100_000 + "a",
        '"' * 99_999 + "a",
        (" *a" * 66_667)[:SCRIPT_CHARACTERS_MAX],
        ("/*a" * 66_667)[:SCRIPT_CHARACTERS_MAX],
        ("[[a" * 66_667)[:SCRIPT_CHARACTERS_MAX],
        "word; " * 33_333,
        "http://a " * 22_000,
        script("tortoise.txt") * 4 + "".join(f"The {name}. " for name in STRANGERS),
        "".join(f"{name}. Well.\n" for name in STRANGERS)[:SCRIPT_CHARACTERS_MAX],
        "".join(f"{chr(0x4E00 + number // 150)}{chr(0x4E00 + number % 150)}：好。\n" for number in range(22_500)),
    ],
)
def test_a_hostile_script_is_read_or_refused_in_good_time(text: str) -> None:
    try:
        shots = board(text, "Anna")
    except LabError:
        return

    assert len(shots) <= SHOTS_MAX
