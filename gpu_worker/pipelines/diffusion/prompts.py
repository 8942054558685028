"""From a shot's plan to what an image model reads: always English, the most telling words first.

CLIP reads 77 tokens, so that what comes late may be cut off; whatever the script's language, its words are used only
where they are English.
"""

import re
from collections.abc import Sequence
from typing import Final

from contracts.commands import CastFigure, SettingPlan, ShotPlan
from gpu_worker.pipelines.diffusion.family import Prompt

SIZES: Final = {
    "extreme_wide": "extreme wide shot, tiny figure in a vast landscape",
    "wide": "wide shot",
    "full": "full body shot",
    "medium": "medium shot, waist up",
    "medium_close_up": "medium close-up, chest up",
    "close_up": "close-up of the face",
    "extreme_close_up": "extreme close-up of the eyes",
}
SCENERY: Final = {
    "field": "an open field",
    "forest": "a forest",
    "mountains": "mountains",
    "sea": "the sea shore",
    "river": "a river bank",
    "desert": "a desert",
    "garden": "a garden",
    "road": "a country road",
    "village": "a village",
    "city": "a city street",
    "castle": "a castle",
    "room": "a room",
    "hall": "a great hall",
    "cave": "a cave",
}
TIMES: Final = {"dawn": "at dawn, soft first light", "day": "by day", "dusk": "at dusk", "night": "at night, moonlight"}
WEATHERS: Final = {
    "clear": "",
    "cloudy": "overcast sky",
    "rain": "rain",
    "snow": "falling snow",
    "fog": "thick fog",
    "storm": "thunderstorm",
}
MOODS: Final = {
    "neutral": "",
    "joyful": "joyful mood, bright colours",
    "tense": "tense mood, hard shadows",
    "sad": "melancholy mood, muted colours",
    "mysterious": "mysterious mood",
    "epic": "epic mood, dramatic light",
}
NUMBERS: Final = ("", "one character", "two characters", "three characters", "four characters", "five characters")
STRANGER: Final = "a character"


def prompt_of(plan: ShotPlan, negative: str) -> Prompt:
    """Answer the words for a still of the shot."""
    parts = [*_cast(plan.cast), action_of(plan), SIZES[plan.size], *_setting(plan), english(plan.style)]
    return Prompt(", ".join(part for part in parts if part), negative)


def action_of(plan: ShotPlan) -> str:
    """What happens, with the cast's names replaced by the words that call them; empty unless it is told in English."""
    words = plan.prompt or (plan.action if plan.language.split("-")[0] == "en" else "")
    called = {member.name: member.adapter.trigger if member.adapter else member.name for member in plan.cast}
    # The longest first: of "Peter Pan" nothing is Peter's.
    names = "|".join(re.escape(name) for name in sorted(called, key=len, reverse=True))
    words = re.sub(rf"\b(?:{names})\b", lambda name: called[name.group()], words) if names else words
    return english(words).rstrip(".")


def english(words: str) -> str:
    """The words on one line if their letters are English ones, else nothing."""
    letters = [letter for letter in words if letter.isalpha()]
    foreign = sum(not letter.isascii() for letter in letters)
    return " ".join(words.split()) if foreign * 10 <= len(letters) else ""


def called(member: CastFigure) -> str:
    """The words that call one of the cast wherever it is told of by itself: as in the action, then by its looks."""
    name = member.adapter.trigger if member.adapter else english(member.name)
    return ", ".join(words for words in (name, english(member.appearance or "")) if words) or STRANGER


def _cast(cast: Sequence[CastFigure]) -> list[str]:
    count = NUMBERS[len(cast)] if 1 < len(cast) < len(NUMBERS) else "a group of characters" if len(cast) > 1 else ""
    return [count, *(_called(member) for member in cast)]


def _called(member: CastFigure) -> str:
    """The trigger word, if an adapter was trained on it, and what the character looks like."""
    trigger = member.adapter.trigger if member.adapter else ""
    looks = english(member.appearance or "")
    return " ".join(word for word in (trigger, looks) if word) or STRANGER


def _setting(plan: ShotPlan) -> list[str]:
    setting = plan.setting
    name = english(setting.name) if plan.language.split("-")[0] == "en" else ""
    weather = "" if setting.is_interior else WEATHERS[setting.weather]
    return [_place(setting, name), TIMES[setting.time_of_day], weather, MOODS[setting.mood]]


def _place(setting: SettingPlan, name: str) -> str:
    inside = "interior of " if setting.is_interior and setting.scenery not in {"room", "hall", "cave"} else ""
    return f"in {inside}{SCENERY[setting.scenery]}" + (f", {name}" if name else "")
