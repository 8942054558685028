import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.renders.captions import (
    LINES_MAX,
    Caption,
    TimedShot,
    break_lines,
    cells,
    chunks,
    shot_captions,
    web_vtt,
)
from domain.storyboards.models import DialogueLine
from tests.builders_renders import a_content

LONG = (
    "The Hare was once boasting of her speed before the other animals. I have never yet been beaten, said she, "
    "when I put forth my full speed. I challenge any one here to race with me."
)
CHINESE = "太行、王屋二山，方七百里，高万仞，本在冀州之南，河阳之北。北山愚公者，年且九十，面山而居。"


def test_narration_comes_before_dialogue_and_names_no_speaker() -> None:
    captions = shot_captions(a_content(narration="It was noon."))
    assert [(caption.speaker, caption.text) for caption in captions] == [
        ("", "It was noon."),
        ("Hare", "You are slow!"),
    ]


def test_a_silent_shot_has_no_captions() -> None:
    assert shot_captions(a_content(dialogue=())) == ()


@pytest.mark.parametrize("text", [LONG, CHINESE, "嗯。", "x" * 300])
@pytest.mark.parametrize("seconds", [1.0, 4.0, 20.0])
def test_captions_follow_each_other_inside_the_shot(text: str, seconds: float) -> None:
    captions = shot_captions(a_content(dialogue=(DialogueLine(text, "A"),), seconds=seconds))
    times = [moment for caption in captions for moment in (caption.start, caption.end)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= seconds
    assert all(caption.start < caption.end for caption in captions)


def test_chinese_is_broken_after_a_clause_where_there_is_one() -> None:
    assert break_lines("他推开门一看，外面下着大雪，小明站在门口哭了。") == [
        "他推开门一看，外面下着大雪，",
        "小明站在门口哭了。",
    ]
    assert chunks(CHINESE[:-1]) == [
        "太行、王屋二山，方七百里，高万仞，本在冀州之南，河阳之北。",
        "北山愚公者，年且九十，面山而居",
    ]


def test_words_after_a_slate_begin_when_it_is_over() -> None:
    plain, slated = shot_captions(a_content()), shot_captions(a_content(), lead=1.0)
    assert [(each.start + 1, each.end + 1) for each in plain] == [
        pytest.approx((each.start, each.end)) for each in slated
    ]


def test_longer_words_stay_longer() -> None:
    captions = shot_captions(a_content(narration=LONG, seconds=12.0))
    paces = [cells(caption.text) / (caption.end - caption.start) for caption in captions]
    assert max(paces) / min(paces) == pytest.approx(1.0, abs=0.05) or len(captions) == 1


@pytest.mark.parametrize("text", [LONG, CHINESE, CHINESE + LONG, "x" * 300])
def test_a_caption_has_at_most_two_lines_and_nothing_is_lost(text: str) -> None:
    found = chunks(text)
    assert all(len(break_lines(chunk)) <= LINES_MAX for chunk in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@given(st.text(max_size=200))
def test_no_text_breaks_the_breaker(text: str) -> None:
    found = "".join("".join(chunks(text)).split())
    assert found == "".join(text.split())


@pytest.mark.parametrize("words", ["Mr. McGregor's", "Mrs. McGregor's", "J. R. Smith's", "Capt. Flint's"])
def test_no_caption_ends_within_a_name(words: str) -> None:
    text = f"But Peter, who was very naughty, ran straight away to {words} garden, and squeezed under the gate!"
    assert chunks(text) == [
        f"But Peter, who was very naughty, ran straight away to {words} garden,",
        "and squeezed under the gate!",
    ]


def test_a_short_name_ends_its_sentence() -> None:
    first = "The Hare told everything that had happened to Tom."
    assert chunks(f"{first} McGregor never heard a single word of that story.")[0] == first


def test_a_word_that_is_cut_by_force_has_no_blank_in_it() -> None:
    assert chunks("x" * 60) == ["x" * 60]
    assert break_lines("x" * 60) == ["x" * 42, "x" * 18]


@pytest.mark.parametrize("word", ["คนแก่ที่", "नमस्ते", "g\u0302\u0301"])
def test_no_line_begins_with_a_mark_on_the_letter_before(word: str) -> None:
    lines = [line for chunk in chunks(word * 40) for line in break_lines(chunk)]
    assert "".join(lines) == word * 40
    assert not [line for line in lines if unicodedata.category(line[0]).startswith("M")]


@pytest.mark.parametrize(("text", "width"), [("ที่", 1), ("g\u0301", 1), ("3\u20e3", 1), ("山", 2), ("नि", 2)])
def test_marks_over_and_under_letters_have_no_width(text: str, width: int) -> None:
    assert cells(text) == width


def test_chinese_lines_begin_with_no_closing_mark_and_end_with_no_opening_one() -> None:
    for line in break_lines("「" + CHINESE * 3 + "」"):
        assert line[0] not in "，。、」"
        assert line[-1] not in "「"


def test_a_film_is_captioned_on_its_own_clock() -> None:
    first = TimedShot(3.0, [Caption("Ready?", "Fox & Co <x>", 0.15, 1.5)])
    second = TimedShot(2.0, [Caption("Go --> now & <b>run</b>", "", 0.5, 1.75)])
    assert web_vtt([first, second], language="en") == (
        "WEBVTT\nLanguage: en\n"
        "\n1\n00:00:00.150 --> 00:00:01.500\n<v Fox &amp; Co &lt;x&gt;>Ready?\n"
        "\n2\n00:00:03.500 --> 00:00:04.750\nGo --&gt; now &amp; &lt;b&gt;run&lt;/b&gt;\n"
    )


def test_a_caption_ends_with_its_shot() -> None:
    vtt = web_vtt([TimedShot(1.0, [Caption("Hm.", "", 0.5, 1.2), Caption("Late.", "", 1.1, 1.2)])])
    assert "00:00:00.500 --> 00:00:01.000" in vtt
    assert "Late" not in vtt
