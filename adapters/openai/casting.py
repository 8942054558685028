"""Whom the model is told of: the chosen cast; else whom the script names and, with what room is left, the newest."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from adapters.openai.prompts import cast_line
from domain.storyboards.casting import ScriptNames
from domain.storyboards.ports import KnownCharacter, WritingOrder

# Every call carries the cast. By estimate, not measured, this much leaves a window of 32k tokens its part of the script
# and the shots of it; those who are not named get no more room than a part of the script.
NAMED_CHARACTERS_MAX, OTHERS_CHARACTERS_MAX = 16_000, 8000
DESCRIPTION_CHARACTERS_MIN, DESCRIPTION_CHARACTERS_MAX = 200, 600
_NAME_PART_CHARACTERS_MIN = 3


def cast_of(order: WritingOrder) -> list[KnownCharacter]:
    """Answer whom the model may cast, with descriptions cut short where there are many.

    A chosen cast is told whole. Of a workspace come first those whom the script names; the others, whom it may mean by
    what they are ("the hare"), follow as far as they fit: those with a word of their name in it, then the newest.
    """
    if order.is_cast_chosen:
        return _described(order.cast, room=NAMED_CHARACTERS_MAX)
    names = ScriptNames(order.script)
    ranks = {each.id: _rank(each, names) for each in order.cast}
    named = _fitting([each for each in order.cast if not ranks[each.id]], room=NAMED_CHARACTERS_MAX)
    others = sorted((each for each in order.cast if ranks[each.id]), key=lambda each: ranks[each.id])
    return [*named, *_fitting(others, room=OTHERS_CHARACTERS_MAX - sum(map(_length, named)))]


def _rank(character: KnownCharacter, names: ScriptNames) -> int:
    """0 for whom the script names, 1 for a part of whose name it has, 2 for the others."""
    if any(map(names.has, (character.name, *character.aliases))):
        return 0
    parts = (part for part in character.name.split() if len(part) >= _NAME_PART_CHARACTERS_MIN)
    return 1 if any(map(names.has, parts)) else 2


def _fitting(cast: Sequence[KnownCharacter], *, room: int) -> list[KnownCharacter]:
    """Answer the first of them, as many as fit the room in characters."""
    described = _described(cast, room=room)
    lengths = accumulate(map(_length, described))
    return [each for each, length in zip(described, lengths, strict=True) if length <= room]


def _described(cast: Sequence[KnownCharacter], *, room: int) -> list[KnownCharacter]:
    """Let all share what room their names leave."""
    bare = sum(_length(replace(each, description="")) for each in cast)
    share = (room - bare) // max(1, len(cast))
    shown = min(DESCRIPTION_CHARACTERS_MAX, max(DESCRIPTION_CHARACTERS_MIN, share))
    return [replace(each, description=each.description[:shown]) for each in cast]


def _length(character: KnownCharacter) -> int:
    return len(cast_line("C100", character)) + 1
