"""Captions: broken by the rules of their script, paged by time, inside the safe area."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from contracts.commands import Caption
from gpu_worker.pipelines.animatic.engine import AnimaticEngine
from gpu_worker.pipelines.finishing.captions import NOT_FIRST, NOT_LAST, balanced, broken, lay_out, phrases, pieces
from gpu_worker.pipelines.finishing.lettering import Lettering, printable
from gpu_worker.watching import Onlooker
from tests.builders_pictures import animation_of, inputs_of, pictures_of, plan_of

CHINESE = (
    "北山愚公者，年且九十，面山而居。惩山北之塞，出入之迂也，聚室而谋曰：“吾与汝毕力平险，指通豫南，达于汉阴，可乎？”"
)
TEXTS = {
    "en": "Slow and steady wins the race, said the Tortoise, and walked on along the dusty road.",
    "zh": CHINESE,
    "ja": "ウサギはカメに言いました。「どうしてそんなにのろいんだい？」カメは笑って答えました。",
    "ko": "토끼가 거북이에게 말했습니다. 너는 왜 그렇게 느리니? 거북이는 웃으며 대답했습니다.",
    "ru": "Заяц смеялся над черепахой, но черепаха ответила: давай побежим наперегонки.",
}


def caption(text: str, *, speaker: str = "", start: float = 0.0, end: float = 4.0) -> Caption:
    return Caption(text=text, speaker=speaker, start=start, end=end)


@pytest.mark.parametrize("language", TEXTS)
def test_no_line_begins_or_ends_against_the_rules(language: str) -> None:
    letters = Lettering(30)
    lines = broken(phrases(TEXTS[language], language), 420, letters.width)
    assert len(lines) > 1
    assert all(line[0] not in NOT_FIRST and line[-1] not in NOT_LAST for line in lines)


@pytest.mark.parametrize("language", TEXTS)
def test_no_line_is_wider_than_allowed_and_none_of_the_text_is_lost(language: str) -> None:
    letters = Lettering(30)
    lines = broken(phrases(TEXTS[language], language), 420, letters.width)
    # A stop that may not begin a line hangs over by one character at most.
    assert all(letters.width(line) <= 420 for line in lines)
    assert "".join(lines).replace(" ", "") == TEXTS[language].replace(" ", "")


@pytest.mark.parametrize("language", ["en", "ru", "ko"])
def test_scripts_with_blanks_are_broken_between_words(language: str) -> None:
    lines = broken(phrases(TEXTS[language], language), 300, Lettering(30).width)
    assert " ".join(lines) == TEXTS[language]


def test_chinese_words_are_kept_whole_where_the_line_allows() -> None:
    letters = Lettering(30)
    for limit in range(120, 400, 20):
        lines = broken(phrases("外面下着大雪，小明站在门口哭了。", "zh-Hans"), limit, letters.width)
        joins = [first[-1] + second[0] for first, second in pairwise(lines)]
        assert not {"大雪", "小明", "门口", "外面"} & set(joins), lines


def test_a_word_wider_than_the_frame_is_cut() -> None:
    lines = broken(phrases("W" * 60, "en"), 200, Lettering(30).width)
    assert "".join(lines) == "W" * 60
    assert len(lines) > 2


@pytest.mark.parametrize("limit", [24, 29, 1000])
def test_a_word_that_fits_the_line_is_not_cut_to_make_lines_even(limit: int) -> None:
    text = "Selbstverständlich, mein Herr."
    assert " ".join(balanced(pieces(text), limit, len)) == text


def test_lines_are_as_even_as_whole_words_can_make_them() -> None:
    assert balanced(pieces("one two three four five"), 19, len) == ["one two three", "four five"]


@pytest.mark.parametrize("frame", [(1280, 720), (720, 1280), (720, 720)])
def test_long_texts_are_paged_and_stay_in_the_safe_area(frame: tuple[int, int]) -> None:
    pages = lay_out([caption(CHINESE * 2, speaker="愚公", end=10.0)], frame)
    assert len(pages) > 1
    assert [page.start for page in pages[1:]] == [page.end for page in pages[:-1]]
    assert (pages[0].start, pages[-1].end) == (0.0, pytest.approx(10.0))
    for page in pages:
        left, top = page.sprite.origin
        width, height = page.sprite.size
        assert left >= 0.05 * frame[0] - 2
        assert left + width <= 0.95 * frame[0] + 2
        assert top + height <= 0.95 * frame[1] + 2


@pytest.mark.parametrize("frame", [(360, 640), (640, 360), (320, 180)])
def test_a_name_that_is_too_long_is_cut(frame: tuple[int, int]) -> None:
    name = "His Excellency the Hereditary Grand Marshal"
    [page] = lay_out([caption("No.", speaker=f"{name} {name}")], frame)
    assert page.sprite.origin[0] >= 0.05 * frame[0] - 2
    assert page.speaker.startswith("His Excellency")


def test_emoji_and_controls_are_left_out() -> None:
    assert printable("Run, \U0001f422 run!\n\x07") == "Run, run!"
    assert lay_out([caption("\U0001f422\U0001f407")], (320, 180)) == []


@pytest.mark.parametrize("mark", ["\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufe0f", "\ufeff"])
def test_marks_that_are_not_seen_part_no_word(mark: str) -> None:
    assert printable(f"Sel{mark}ber") == "Selber"


@pytest.mark.parametrize(
    "text",
    ["ذهب الشيخ إلى البحر", "הזקן הלך אל הים", "बूढ़ा समुद्र गया", "ชายชราไปทะเล", "He said שלום.", "\U00020bb7野家"],
)
def test_what_would_be_drawn_wrongly_is_not_burnt_in(text: str) -> None:
    assert lay_out([caption(text)], (320, 180)) == []


@pytest.mark.parametrize("text", [*TEXTS.values(), "1º µ naïve 々〆ー ㄅ ﾞ", "e\u0301 ❤\ufe0f 3\u20e3"])
def test_what_the_fonts_hold_is_printable(text: str) -> None:
    assert printable(text)


@pytest.mark.parametrize("language", TEXTS)
def test_letters_of_every_script_are_drawn_apart(language: str) -> None:
    letters = Lettering(40)
    drawn = {letters.mask(character).tobytes() for character in set(TEXTS[language]) if character.isalpha()}
    # Were a script missing from the font, all its letters would be the same question mark.
    assert len(drawn) > 8
    assert letters.mask("?").tobytes() not in drawn


def test_captions_change_pixels_only_inside_the_safe_area(tmp_path: Path) -> None:
    engine, plan = AnimaticEngine(), plan_of("adventurer-000")
    pictures = []
    for are_burnt_in in (True, False):
        command = animation_of(
            plan, frames=12, captions=[caption(TEXTS["en"])], are_captions_burnt_in=are_burnt_in, width=640, height=360
        )
        engine.run(command, inputs_of(plan), tmp_path, Onlooker())
        pictures.append(pictures_of(tmp_path / "clip.mp4")[0].astype(int))
    changed = np.abs(pictures[0] - pictures[1]).max(2) > 40
    assert changed.any()
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    assert rows[0] > 360 * 0.6
    assert rows[-1] <= 360 * 0.95 + 2
    assert columns[0] >= 640 * 0.05 - 2
    assert columns[-1] <= 640 * 0.95 + 2
