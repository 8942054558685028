"""The rules for what a user gives: script, title, style, and the contents of a shot."""

import re
from dataclasses import replace

from domain.errors import Invalid
from domain.storyboards.errors import ScriptTooLong
from domain.storyboards.models import (
    CAST_IN_SHOT_MAX,
    SCRIPT_CHARACTERS_MAX,
    SHOT_SECONDS_MAX,
    SHOT_SECONDS_MIN,
    DialogueLine,
    Setting,
    ShotContent,
)
from domain.texts import one_line, storable

TITLE_CHARACTERS_MAX = 200
STYLE_CHARACTERS_MAX = 500
TEXT_CHARACTERS_MAX = 2000
SPEAKER_CHARACTERS_MAX = 100
PLACE_CHARACTERS_MAX = 200
DIALOGUE_LINES_MAX = 12
FILM_SECONDS_MAX = 4 * 3600.0
# BCP 47 as far as writers use it: a language, perhaps a script, perhaps a region.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-[A-Za-z]{2}|-[0-9]{3})?")


def checked_script(script: str) -> str:
    """Answer the script as it is read; raises ScriptTooLong before looking at it, Invalid when it says nothing."""
    if len(script) > SCRIPT_CHARACTERS_MAX:
        raise ScriptTooLong(
            f"The script has {len(script):,} characters; at most {SCRIPT_CHARACTERS_MAX:,} are read.", field="script"
        )
    storable(script, "script")
    if not any(letter.isalnum() for letter in script):
        raise Invalid("The script has no words to film.", field="script")
    return script


def checked_title(title: str) -> str:
    """Answer the title in one line: between 1 and 200 characters."""
    canonical = one_line(title, "title")
    if not 1 <= len(canonical) <= TITLE_CHARACTERS_MAX:
        raise Invalid(f"A title has between 1 and {TITLE_CHARACTERS_MAX} characters.", field="title")
    return canonical


def checked_style(style: str) -> str:
    canonical = one_line(style, "style")
    return _at_most(canonical, STYLE_CHARACTERS_MAX, "style")


def checked_language(language: str | None) -> str:
    """Answer the tag, empty when the writer shall find out."""
    if not language:
        return ""
    if not _LANGUAGE.fullmatch(language):
        raise Invalid("A language is a BCP 47 tag such as `en` or `zh-Hant`.", field="language")
    return language


def checked_seconds_target(seconds: float | None) -> float | None:
    if seconds is not None and not SHOT_SECONDS_MIN <= seconds <= FILM_SECONDS_MAX:
        raise Invalid(
            f"A film lasts between {SHOT_SECONDS_MIN:.0f} and {FILM_SECONDS_MAX:.0f} seconds.", field="secondsTarget"
        )
    return seconds


def checked_content(content: ShotContent) -> ShotContent:
    """Answer a shot's content in canonical form; raises Invalid, naming the field, for what breaks a rule."""
    if not SHOT_SECONDS_MIN <= content.seconds <= SHOT_SECONDS_MAX:
        raise Invalid(
            f"A shot lasts between {SHOT_SECONDS_MIN:.0f} and {SHOT_SECONDS_MAX:.0f} seconds.", field="seconds"
        )
    if content.is_empty:
        raise Invalid("A shot shows, tells or says something.", field="action")
    if len(content.cast) > CAST_IN_SHOT_MAX:
        raise Invalid(f"A shot shows at most {CAST_IN_SHOT_MAX} characters.", field="cast")
    if len({member.character_id for member in content.cast}) < len(content.cast):
        raise Invalid("A shot shows each character once.", field="cast")
    if len(content.dialogue) > DIALOGUE_LINES_MAX:
        raise Invalid(f"A shot has at most {DIALOGUE_LINES_MAX} lines of dialogue.", field="dialogue")
    return replace(
        content,
        action=_text(content.action, "action"),
        narration=_text(content.narration, "narration"),
        prompt=_text(content.prompt, "prompt"),
        dialogue=tuple(_checked_line(line) for line in content.dialogue),
        setting=_checked_setting(content.setting),
    )


def _checked_line(line: DialogueLine) -> DialogueLine:
    text = _text(line.text, "dialogue")
    if not text:
        raise Invalid("A line of dialogue has words.", field="dialogue")
    speaker = _at_most(one_line(line.speaker, "dialogue"), SPEAKER_CHARACTERS_MAX, "dialogue")
    return replace(line, text=text, speaker=speaker)


def _checked_setting(setting: Setting) -> Setting:
    return replace(setting, name=_at_most(one_line(setting.name, "setting"), PLACE_CHARACTERS_MAX, "setting"))


def _text(text: str, field: str) -> str:
    return _at_most(storable(text, field).strip(), TEXT_CHARACTERS_MAX, field)


def _at_most(text: str, characters_max: int, field: str) -> str:
    if len(text) > characters_max:
        raise Invalid(f"At most {characters_max} characters fit here.", field=field)
    return text
