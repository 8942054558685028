"""The states of a storyboard: every state by every event."""

from collections.abc import Callable

import pytest

from domain.errors import Conflict, Invalid
from domain.storyboards.errors import ScriptTooLong, StoryboardVersionConflict
from domain.storyboards.models import SCRIPT_CHARACTERS_MAX, DialogueLine, ShotContent, Storyboard, StoryboardState
from domain.storyboards.texts import checked_content, checked_language, checked_script, checked_title
from tests.builders_storyboards import NOW, a_storyboard, shots

WRITING, READY, FAILED = StoryboardState.WRITING, StoryboardState.READY, StoryboardState.FAILED
EVENTS: dict[str, Callable[[Storyboard], Storyboard]] = {
    "begun": lambda board: board.begun(writer="builtin", language="en", now=NOW),
    "written": lambda board: board.written(now=NOW),
    "failed": lambda board: board.failed("No words.", now=NOW),
    "edited": lambda board: board.edited(shots(2), expected_version=1, now=NOW),
}
TABLE = [
    (WRITING, "begun", WRITING),
    (WRITING, "written", READY),
    (WRITING, "failed", FAILED),
    (WRITING, "edited", None),
    (READY, "begun", None),
    (READY, "written", None),
    (READY, "failed", None),
    (READY, "edited", READY),
    (FAILED, "begun", None),
    (FAILED, "written", None),
    (FAILED, "failed", None),
    (FAILED, "edited", READY),
]


@pytest.mark.parametrize(("state", "event", "expected"), TABLE)
def test_each_state_takes_its_events_only(state: StoryboardState, event: str, expected: StoryboardState | None) -> None:
    board = a_storyboard(state=state)
    if expected is None:
        with pytest.raises(Conflict):
            EVENTS[event](board)
    else:
        assert EVENTS[event](board).state is expected


def test_an_edit_makes_the_next_version() -> None:
    assert a_storyboard(version=4).edited(shots(2), expected_version=4, now=NOW).version == 5


def test_an_edit_of_an_old_version_is_told_the_one_that_is() -> None:
    with pytest.raises(StoryboardVersionConflict) as refused:
        a_storyboard(version=4).edited(shots(2), expected_version=3, now=NOW)

    assert refused.value.actual == 4


def test_a_writer_that_begins_again_begins_from_nothing() -> None:
    board = a_storyboard(state=WRITING, version=0).begun(writer="openai", language="zh", now=NOW)

    assert (board.shots, board.writer, board.language) == ((), "openai", "zh")


@pytest.mark.parametrize("script", ["", " \n", "🐰🐢🏁", "…?!", "a\x00b", "\ud800abc"])
def test_a_script_without_words_is_refused(script: str) -> None:
    with pytest.raises(Invalid):
        checked_script(script)


def test_a_script_of_a_megabyte_is_refused() -> None:
    with pytest.raises(ScriptTooLong):
        checked_script("a" * 1_000_000)
    assert checked_script("a" * SCRIPT_CHARACTERS_MAX)


@pytest.mark.parametrize("language", ["english", "e", "en_US", "12", "en-", "zh-Hant-TW-x"])
def test_a_language_is_a_tag(language: str) -> None:
    with pytest.raises(Invalid):
        checked_language(language)


def test_common_tags_are_languages() -> None:
    assert [checked_language(tag) for tag in ("en", "zh-Hant", "pt-BR", "es-419", None)][:4] == [
        "en",
        "zh-Hant",
        "pt-BR",
        "es-419",
    ]


def test_a_title_is_one_line() -> None:
    assert checked_title("  The\n Hare ") == "The Hare"
    with pytest.raises(Invalid):
        checked_title("x" * 201)


@pytest.mark.parametrize(
    "content",
    [
        ShotContent(action="", seconds=0.5),
        ShotContent(action="", seconds=20.5),
        ShotContent(action="", seconds=float("nan")),
        ShotContent(action="x" * 2001),
        ShotContent(action="", dialogue=(DialogueLine(" "),)),
        ShotContent(action="", dialogue=(DialogueLine("x"),) * 13),
    ],
)
def test_a_content_that_breaks_a_rule_is_refused(content: ShotContent) -> None:
    with pytest.raises(Invalid):
        checked_content(content)
