"""Names in a text: found by their words in any form, or letter by letter where no blanks set words apart."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from adapters.screenplay.inflections import stems
from adapters.screenplay.lexicon import Lexicon
from domain.identifiers import CharacterId

WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
POSSESSIVE = re.compile(r"['’](?:s|S)?$")
# Thai, Lao, Burmese, Khmer, kana and the Chinese characters: their words touch each other and those of other letters.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNSPACED_LETTER = re.compile(f"[{_UNSPACED}]")
_HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"
# "Tom" in Tom高兴 and in Tom은.
_TOUCHED_WORD = re.compile(rf"[^\W\d_{_UNSPACED}{_HANGUL}]+(?:['’\-][^\W\d_{_UNSPACED}{_HANGUL}]+)*")
# \w leaves out the vowel signs of India; 0964 and 0965 are its full stops.
_LETTER = r"[\w\u0900-\u0963\u0966-\u0dff]"
# One letter more than the longest prefix, so that a longer beginning is none.
_PREFIX_LETTERS_SEEN, _SUFFIX_LETTERS_MAX = 5, 5
_LETTERS_BEFORE = re.compile(rf"{_LETTER}*$")
_LETTERS_BEHIND = re.compile(rf"{_LETTER}{{0,{_SUFFIX_LETTERS_MAX + 1}}}")
# Words that Arabic, Hebrew and Amharic write together with a name: and, with, to, like, the; of Korea one family name.
_PREFIXES = {
    "ar": re.compile(r"[وف]?(?:[بلك]|[بك]?ال|لل)?"),
    "he": re.compile(r"[ושכ]{0,2}[הבלמ]?"),
    "am": re.compile(r"[የለበከእ]?"),
    "ko": re.compile(r"\w?"),
}
# Languages without capitals that put their particles behind a name.
_SUFFIXED = frozenset({"ko", "mr", "ne", "bn", "gu", "ta", "te", "kn", "ml", "si", "am"})
_TAIL_LETTERS_MAX = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """Somebody in the script; `id` only when it is a known character."""

    name: str
    id: CharacterId | None = None
    gender: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text."""

    start: int
    end: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class Name:
    """One way to call a figure; derived names (a part of the full name) give way to titles and other first names."""

    words: tuple[str, ...]
    figure: Figure
    is_derived: bool = False


class Hit(NamedTuple):
    """A name at a word of a text; `shared` letters of its first word are there, all of them when `is_exact`."""

    name: Name
    is_exact: bool
    shared: int


class _Base(NamedTuple):
    word: str
    is_exact: bool
    shared: int


@dataclass(slots=True)
class _Node:
    """Where the names with one beginning part; `name` is the one that ends here."""

    following: dict[str, "_Node"] = field(default_factory=dict[str, "_Node"])
    name: Name | None = None


class SpacedNames:
    """Names of letters that know capitals: looked up word by word, so that thousands of them cost no more than one."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._word = WORD if lexicon.is_spaced and lexicon.language != "ko" else _TOUCHED_WORD
        self._root = _Node()
        self._words: set[str] = set()
        self._stems: dict[str, list[tuple[str, frozenset[str]]]] = {}
        # What words of the text may be forms of: most come again and again.
        self._seen: dict[str, tuple[_Base, ...]] = {}
        self._ending_letters_max = max(map(len, lexicon.endings | lexicon.vowel_endings), default=0)

    def learn(self, name: Name) -> None:
        """Take a name in; of two that are the same the first stays."""
        node = self._root
        for word in name.words:
            self._learn_word(word)
            node = node.following.setdefault(word, _Node())
        node.name = node.name or name

    def _learn_word(self, word: str) -> None:
        if word in self._words:
            return
        self._words.add(word)
        self._seen.clear()
        for stem, endings in stems(word, self._lexicon):
            if endings:
                self._stems.setdefault(stem, []).append((word, endings))

    def find(self, text: str) -> Iterator[tuple[list[re.Match[str]], int, list[Hit]]]:
        """Yield the words, the index of one, and the names that begin there.

        The longest come first; of those of one length the one that stands as it is, and then its forms.
        """
        words = list(self._word.finditer(text)) if self._words else []
        tokens = [word.group().casefold() for word in words]
        for index, token in enumerate(tokens):
            bases = self._seen.get(token)
            if (bases is None or bases) and (hits := self._hits(tokens, index)):
                yield words, index, hits

    def _hits(self, tokens: Sequence[str], index: int) -> list[Hit]:
        found: list[Hit] = []
        paths = [(self._root, index, True, 0)]
        while paths:
            node, at, is_exact, shared = paths.pop()
            if node.name:
                found.append(Hit(node.name, is_exact, shared))
            if node.following and at < len(tokens):
                paths += [
                    (below, at + 1, is_exact and base.is_exact, shared or base.shared)
                    for base in self._bases(tokens[at])
                    if (below := node.following.get(base.word))
                ]
        return sorted(found, key=lambda hit: (-len(hit.name.words), not hit.is_exact)) if len(found) > 1 else found

    def _bases(self, token: str) -> tuple[_Base, ...]:
        """Answer the words of names that a word may be a form of."""
        bases = self._seen.get(token)
        if bases is None:
            bases = self._seen[token] = tuple(self._found_bases(plain_word(token)))
        return bases

    def _found_bases(self, token: str) -> Iterator[_Base]:
        if token in self._words:
            yield _Base(token, is_exact=True, shared=len(token))
        for letters in range(min(self._ending_letters_max, len(token) - 1) + 1):
            stem = token[: len(token) - letters]
            for word, endings in self._stems.get(stem, ()):
                if word != token and token[len(stem) :] in endings:
                    yield _Base(word, is_exact=False, shared=len(stem))
        # Ayşe'nin, Tom'll: what an apostrophe sets off is no part of the name.
        head, _, tail = token.replace("’", "'").partition("'")
        if 0 < len(tail) <= _TAIL_LETTERS_MAX and head in self._words and token not in self._words:
            yield _Base(head, is_exact=False, shared=len(head))


class GluedNames:
    """Names of letters without capitals, as they are written: 愚公, علي, 토끼."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._is_spaced = lexicon.is_spaced
        self._prefix = _PREFIXES.get(lexicon.language)
        self._has_suffixes = lexicon.language in _SUFFIXED
        self._figures: dict[str, Figure] = {}
        self._lengths: dict[str, list[int]] = {}
        self._first: re.Pattern[str] | None = None

    def learn(self, name: str, figure: Figure) -> None:
        """Take a name in; of two that are the same the first stays."""
        if name in self._figures:
            return
        self._figures[name] = figure
        if name[0] not in self._lengths:
            self._first = None
        lengths = {*self._lengths.get(name[0], ()), len(name)}
        self._lengths[name[0]] = sorted(lengths, reverse=True)

    def find(self, text: str) -> list[Mention]:
        """Answer the names in order, the longest first, without overlaps."""
        if self._first is None:
            self._first = re.compile("[" + "".join(map(re.escape, self._lengths)) + "]" if self._lengths else r"(?!)")
        found: list[Mention] = []
        for first in self._first.finditer(text):
            start = first.start()
            if not found or start >= found[-1].end:
                found += self._at(text, start)
        return found

    def _at(self, text: str, start: int) -> list[Mention]:
        for length in self._lengths[text[start]]:
            figure = self._figures.get(text[start : start + length])
            if figure and self._stands(text, start, start + length):
                return [Mention(start, start + length, figure)]
        return []

    def _stands(self, text: str, start: int, end: int) -> bool:
        """Tell a name from letters within another word, where blanks set words apart: علي in عليه."""
        if not self._is_spaced or _UNSPACED_LETTER.search(text, start, end):
            return True
        before = _LETTERS_BEFORE.search(text[max(0, start - _PREFIX_LETTERS_SEEN) : start])
        behind = _LETTERS_BEHIND.match(text, end)
        prefix = before.group() if before else ""
        suffix = behind.group() if behind else ""
        is_prefix = not prefix or (self._prefix is not None and self._prefix.fullmatch(prefix) is not None)
        return is_prefix and len(suffix) <= (_SUFFIX_LETTERS_MAX if self._has_suffixes else 0)


def is_glued(name: str) -> bool:
    """Whether a name has to be looked for letter by letter."""
    return name.lower() == name.upper() or _UNSPACED_LETTER.search(name) is not None


def plain_word(token: str) -> str:
    """Answer a word without capitals and without its possessive ending."""
    return POSSESSIVE.sub("", token.casefold()) or token.casefold()
