"""Languages are told from one short line."""

import pytest

from tests.builders_scripts import LANGUAGES, script

LINES = [
    ("en", "The Hare was asleep."),
    ("en", "Stop thief!"),
    ("en", "Peter ran."),
    ("en", "INT. HOUSE - NIGHT"),
    ("de", "Der Hase schlief."),
    ("fr", "Le lièvre dormait."),
    ("es", "La liebre dormía."),
    ("it", "La lepre dormiva."),
    ("nl", "De haas sliep."),
    ("fi", "Jänis nukkui."),
    ("pl", "Zając spał."),
    ("ru", "Он спал, и ты тоже."),
    ("uk", "Заєць спав."),
    ("ja", "うさぎは眠っていました。"),
    ("ko", "토끼는 잠들었다."),
    ("ar", "كان الأرنب نائما."),
    ("he", "הארנב ישן."),
    ("th", "กระต่ายหลับ"),
    ("el", "Ο λαγός κοιμόταν."),
    ("tr", "Tavşan uyuyordu."),
]


@pytest.mark.parametrize(("tag", "line"), LINES)
def test_a_short_line_shows_its_language(tag: str, line: str) -> None:
    assert LANGUAGES.detect(line) == tag


def test_chinese_is_told_by_its_characters() -> None:
    assert LANGUAGES.detect("愚公移山") == "zh"
    assert LANGUAGES.detect("兔子睡着了，乌龟还没来。") == "zh"
    assert LANGUAGES.detect("兔子睡著了，烏龜還沒來。") == "zh-Hant"


@pytest.mark.parametrize("text", ["🐰🐢🏁", "", "   \n", "12:30 …"])
def test_a_text_without_letters_is_undetermined(text: str) -> None:
    assert LANGUAGES.detect(text) == "und"


@pytest.mark.parametrize(
    ("name", "tag"), [("peter_rabbit.txt", "en"), ("tortoise.txt", "en"), ("hamlet.txt", "en"), ("yugong.txt", "zh")]
)
def test_the_scripts_show_their_language(name: str, tag: str) -> None:
    assert LANGUAGES.detect(script(name)) == tag
