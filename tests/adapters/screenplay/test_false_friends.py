"""Stories whose sentences look like cues, headings and names, and are none."""

import pytest

from tests.builders_scripts import board, cast_of, spoken


@pytest.mark.parametrize(
    ("story", "name", "speaker"),
    [
        ("The farm was quiet. “Good day!” said the hen.", "Henry", "Hen"),
        ("“Good day!” shouted the man. The farm was quiet.", "Mandy", "Man"),
    ],
)
def test_a_noun_that_a_name_begins_with_is_somebody_else(story: str, name: str, speaker: str) -> None:
    assert spoken(board(story, name)) == [(speaker, "Good day!")]


def test_a_cue_with_a_full_stop_may_be_cut_short() -> None:
    play = "Hen. Who's there?\nMand. Nobody.\nHen. Well."

    assert [speaker for speaker, _ in spoken(board(play, "Henry", "Mandy"))] == ["Henry", "Mandy", "Henry"]


def test_a_cue_with_a_colon_is_not_cut_short() -> None:
    play = "Hen: Who's there?\nMandy: Nobody.\nHen: Well."

    assert [speaker for speaker, _ in spoken(board(play, "Henry", "Mandy"))] == ["Hen", "Mandy", "Hen"]


@pytest.mark.parametrize(
    "story",
    [
        "옛날 숲속에 토끼가 살았습니다. 토끼는 달렸습니다.\n\n거북이는 걸었습니다. 해가 졌습니다.",
        "Жили в лесу заяц. Он бегал быстро.\n\nШла по дороге черепаха. Она шла медленно.",
        "Η χελώνα περπατούσε. Ο λαγός έτρεχε.\n\nΟ ήλιος έδυε. Η μέρα τελείωσε.",
    ],
)
def test_prose_of_letters_beyond_latin_has_no_cues(story: str) -> None:
    assert spoken(board(story, "Anna")) == []


def test_a_colon_makes_a_cue_in_letters_without_capitals() -> None:
    play = "철수와 영희가 만난다.\n철수: 안녕!\n영희: 잘 가."

    assert [speaker for speaker, _ in spoken(board(play, "철수", "영희"))] == ["철수", "영희"]


def test_a_cue_in_capitals_may_be_cut_short() -> None:
    play = "BERNARDO: Who's there?\nFRANCISCO: Nay, answer me.\nBER: Long live the king!"

    assert {speaker for speaker, _ in spoken(board(play, "Bernardo", "Francisco"))} == {"Bernardo", "Francisco"}


def test_cues_in_capitals_of_any_alphabet_are_cues() -> None:
    play = "АННА. Кто там?\nИВАН. Никто."

    assert [speaker for speaker, _ in spoken(board(play, "Анна", "Иван"))] == ["Анна", "Иван"]


def test_a_french_sentence_is_no_heading() -> None:
    story = "Le soir\nest venu sur la forêt. Anna dormait."

    assert any("Anna dormait" in shot.narration for shot in board(story, "Anna"))
    assert cast_of(board(story, "Anna")[-1], "Anna") == {"Anna"}


@pytest.mark.parametrize(
    "sentence",
    ["Acto seguido, Ana abre la puerta.", "Act two of the plan begins. Ana runs.", "Act ill when Ana comes."],
)
def test_a_sentence_about_an_act_is_not_swallowed(sentence: str) -> None:
    shots = board(f"INT. CASA - NOCHE\n\n{sentence}", "Ana")

    assert sentence in " ".join(shot.narration for shot in shots)


@pytest.mark.parametrize(
    "heading",
    [
        "ACT I",
        "Act two",
        "ACT IV, SCENE 2",
        "ACT I. SCENE I. Elsinore.",
        "Acto primero",
        "Akt 2: Der Wald",
        "第一幕",
        "ACTO ÚNICO",
        "ATTO SESTO",
        "ACT I / SCENE 1",
        "ACT ONE THE STORM",
    ],
)
def test_the_heading_of_an_act_is_no_shot(heading: str) -> None:
    shots = board(f"{heading}\n\nINT. HOUSE\n\nAna walks.", "Ana")

    assert [shot.narration for shot in shots] == ["House", "Ana walks."]


@pytest.mark.parametrize("sentence", ["Part of him wanted to run away.", "Глава семьи вошла в дом."])
def test_a_sentence_about_a_part_is_not_swallowed(sentence: str) -> None:
    assert board(f"{sentence}\n\nAna ran home.", "Ana")[0].narration == sentence


@pytest.mark.parametrize(
    "heading",
    [
        "Part One",
        "PART THE SECOND",
        "Part 2: The Sea",
        "Глава первая",
        "Chapter 3",
        "Part One The Sea",
        "Глава тринадцатая",
        "Глава 1 Начало пути",
    ],
)
def test_the_heading_of_a_part_is_no_shot(heading: str) -> None:
    assert [shot.narration for shot in board(f"{heading}\n\nAna ran home.", "Ana")] == ["Ana ran home."]
