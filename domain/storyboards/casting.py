"""Whom a name means where several characters bear it: one that can be filmed before one that cannot."""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import takewhile

from domain.characters.models import Character, CharacterState

_RANKS = {CharacterState.READY: 0, CharacterState.LEARNING: 1, CharacterState.NEEDS_ATTENTION: 2}
_CAN_BE_FILMED = frozenset({CharacterState.READY, CharacterState.LEARNING})
_DECLINED_LETTERS_MIN, _ENDING_LETTERS_MAX = 4, 3


class ScriptNames:
    """A script in which names are looked for; composed and with single spaces, as names are kept."""

    def __init__(self, script: str) -> None:
        self._script = " ".join(unicodedata.normalize("NFC", script).split())
        self._folded = self._script.casefold()

    def has(self, name: str) -> bool:
        """Tell whether the script names somebody so.

        A name whose letters know capitals stands as a word, and a longer one may take an ending with its capital kept
        ("Annalle", "Ивана"). Others (Chinese, Japanese, Arabic, Hindi) may stand inside what looks like a word.
        """
        folded = name.casefold()
        if folded not in self._folded:
            return False
        if not any(map(_has_case, name)) or _has_word(self._folded, folded):
            return True
        is_declined = len(name) >= _DECLINED_LETTERS_MIN and name[0].isupper() and name[-1].isalpha()
        return is_declined and _has_word(self._script, name, endings_max=_ENDING_LETTERS_MAX)


def told_apart(characters: Iterable[Character]) -> list[Character]:
    """Answer one character a name, in the given order: a ready one, else one that is learning, else the first."""
    return [min(namesakes, key=_rank) for namesakes in _by_name(characters)]


def namesakes_in(script: str, characters: Iterable[Character]) -> list[Character]:
    """Answer the characters that share a name of the script and could each be the one that is meant; else nobody."""
    names = ScriptNames(script)
    for namesakes in _by_name(characters):
        best = min(map(_rank, namesakes))
        equals = [each for each in namesakes if _rank(each) == best and each.state in _CAN_BE_FILMED]
        if len(equals) > 1 and any(names.has(each.name) for each in equals):
            return equals
    return []


def _has_word(text: str, word: str, *, endings_max: int = 0) -> bool:
    """Find the word, perhaps with a few letters behind it; writing without capitals may touch it ("和Tom走")."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        ending = sum(1 for _ in takewhile(_has_case, text[end : end + endings_max + 1]))
        if ending <= endings_max and not _has_case(text[at - 1 : at]):
            return True
        at = text.find(word, at + 1)
    return False


def _has_case(letter: str) -> bool:
    """Whether a letter knows capitals; a digit beside a name is part of it, too."""
    return letter.lower() != letter.upper() or letter.isdecimal()


def _by_name(characters: Iterable[Character]) -> Iterable[Sequence[Character]]:
    found: dict[str, list[Character]] = {}
    for character in characters:
        found.setdefault(character.name.casefold(), []).append(character)
    return found.values()


def _rank(character: Character) -> int:
    return _RANKS[character.state]
