"""The terms under which a character is found by text, in scripts with spaces between words and in those without.

Words of spaced scripts are terms as they are. Runs of unspaced scripts (Chinese, Japanese, Korean, Thai, ...) become
single signs and pairs of neighbours, so that a part of a run finds the whole. Grams forgive misspelt names: triples of
letters, as PostgreSQL's pg_trgm cuts them, and pairs of signs.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

WORD_CHARACTERS_MAX = 64
QUERY_CHARACTERS_MAX = 200
# Kana, Han, Hangul, Thai, Lao, Burmese, Khmer: their words are not told apart by spaces, or bend at the end. And
# pictographs, each a word of its own.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\u2600-\u27bf\U0001f000-\U0001faff"
    r"\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUNS = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|(?P<word>[^\W_{_UNSPACED}]+)")


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What a character is found under; terms of its name weigh most, then of its aliases, then of its description."""

    name: tuple[str, ...]
    aliases: tuple[str, ...]
    description: tuple[str, ...]
    grams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is looked for: all `terms` whole and all `prefixes` as beginnings; or, misspelt, enough of the `grams`."""

    terms: tuple[str, ...]
    prefixes: tuple[str, ...]
    grams: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.terms or self.prefixes)


def terms_of(name: str, aliases: Sequence[str], description: str) -> SearchTerms:
    """Answer the terms of a character's texts, in their order and each once."""
    return SearchTerms(
        name=_unique(_terms(name)),
        aliases=_unique(term for alias in aliases for term in _terms(alias)),
        description=_unique(_terms(description)),
        grams=_unique(gram for text in (name, *aliases) for gram in _grams(text)),
    )


def query_of(text: str) -> SearchQuery:
    """Answer what a user's words look for; words may be unfinished, as while typing."""
    wanted = text[:QUERY_CHARACTERS_MAX]
    runs = list(_runs(wanted))
    return SearchQuery(
        terms=_unique(term for run, is_word in runs if not is_word for term in _pairs(run) or (run,)),
        prefixes=_unique(run for run, is_word in runs if is_word),
        grams=_unique(_grams(wanted)),
    )


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """Cut a text into runs of one way of writing, without case, width and accents; True marks a spaced word."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(sign for sign in folded if unicodedata.category(sign) != "Mn" or _is_unspaced(sign))
    for run in _RUNS.finditer(unicodedata.normalize("NFKC", bare)):
        is_word = run["word"] is not None
        yield (run[0][:WORD_CHARACTERS_MAX] if is_word else run[0]), is_word


def _is_unspaced(sign: str) -> bool:
    # The voicing marks of kana and the vowels of Thai are combining marks too, but tell words apart. NFKD has split the
    # kana's marks off (U+3099, U+309A), and NFKC puts them back.
    return "\u0e00" <= sign <= "\u30ff"


def _terms(text: str) -> Iterator[str]:
    for run, is_word in _runs(text):
        if is_word:
            yield run
        else:
            yield from run
            yield from _pairs(run)


def _grams(text: str) -> Iterator[str]:
    for run, is_word in _runs(text):
        if is_word:
            padded = f"  {run} "
            yield from (padded[start : start + 3] for start in range(len(padded) - 2))
        else:
            yield from _pairs(run) or (run,)


def _pairs(run: str) -> tuple[str, ...]:
    return tuple(one + other for one, other in itertools.pairwise(run))


def _unique(terms: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(terms))
