"""Whom a name means where several characters bear it: one that can be filmed before one that cannot."""

from collections.abc import Iterable, Sequence

from domain.characters.models import Character, CharacterState

_RANKS = {CharacterState.READY: 0, CharacterState.LEARNING: 1, CharacterState.NEEDS_ATTENTION: 2}
_CAN_BE_FILMED = frozenset({CharacterState.READY, CharacterState.LEARNING})


def told_apart(characters: Iterable[Character]) -> list[Character]:
    """Answer one character a name, in the given order: a ready one, else one that is learning, else the first."""
    return [min(namesakes, key=_rank) for namesakes in _by_name(characters)]


def namesakes_in(script: str, characters: Iterable[Character]) -> list[Character]:
    """Answer the characters that share a name of the script and could each be the one that is meant; else nobody."""
    read = script.casefold()
    for namesakes in _by_name(characters):
        best = min(map(_rank, namesakes))
        equals = [each for each in namesakes if _rank(each) == best and each.state in _CAN_BE_FILMED]
        if len(equals) > 1 and namesakes[0].name.casefold() in read:
            return equals
    return []


def _by_name(characters: Iterable[Character]) -> Iterable[Sequence[Character]]:
    found: dict[str, list[Character]] = {}
    for character in characters:
        found.setdefault(character.name.casefold(), []).append(character)
    return found.values()


def _rank(character: Character) -> int:
    return _RANKS[character.state]
