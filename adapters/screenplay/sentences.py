"""Sentences and clauses of any language, by the marks that Unicode knows as their ends."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from adapters.screenplay.lexicon import Lexicon
from domain.texts import TURNING_MARKS

_OPENERS = "“„«‹「『‘‚（(["
_CLOSERS = "”“»«›」』’\"')）]"
_END = re.compile(rf"[.!?…。！？｡؟۔।॥։።᙮]+[{re.escape(_CLOSERS)}]*")
_FULL_STOPS_WITHOUT_SPACE = frozenset("。！？｡…")
_INITIAL = re.compile(r"(?:^|[\s.])[^\W\d_]$")
_LAST_WORD = re.compile(r"([^\W\d_][\w.]*)$")
_STRONG = re.compile(r"[;；:：—–]+\s*")
_WEAK = re.compile(r"[,，、،]\s*")
_LIST_ITEM_CHARACTERS_MAX = 16
ADDRESS = re.compile(r"\b[a-z]{2,10}://\S+", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


def has_letters(text: str) -> bool:
    return _LETTER.search(text) is not None


def presentable(words: str, characters_max: int) -> str:
    """Answer a name in one line of limited length, without the marks that turn the direction of its neighbours."""
    return shortened(" ".join("".join(sign for sign in words if sign not in TURNING_MARKS).split()), characters_max)


def shortened(text: str, characters_max: int) -> str:
    """Answer the text, or as much of it as there may be: a longer one would refuse every later edit of its shot."""
    return text if len(text) <= characters_max else text[: characters_max - 1].rstrip() + "…"


def split_sentences(text: str, lexicon: Lexicon) -> list[str]:
    """Split a paragraph; marks and their closing quotes stay with their sentence."""
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        if match.end() > start and _is_end(text, match, lexicon):
            found.append(text[start : match.end()].strip())
            start = match.end()
    found.append(text[start:].strip())
    return _without_orphans([sentence for sentence in found if sentence])


def _is_end(text: str, match: re.Match[str], lexicon: Lexicon) -> bool:
    mark, rest = match.group(), text[match.end() : match.end() + 40]
    if mark[0] in _FULL_STOPS_WITHOUT_SPACE and mark[0] != "…":
        return True
    if rest and not rest[0].isspace():
        return False
    following = rest.lstrip().lstrip(_OPENERS + "\"'—–- ")
    if following[:1].islower():
        return False
    if not mark.startswith("."):
        return True
    before = text[max(0, match.start() - 20) : match.start()]
    word = _LAST_WORD.search(before)
    is_abbreviation = word is not None and word.group(1).casefold() in lexicon.abbreviations
    return not (bool(rest.strip()) and (is_abbreviation or _INITIAL.search(before) is not None))


def _without_orphans(sentences: list[str]) -> list[str]:
    """Glue a piece without letters (a lone quote mark, "...") to the sentence before it."""
    glued: list[str] = []
    for sentence in sentences:
        if glued and not has_letters(sentence):
            glued[-1] = f"{glued[-1]} {sentence}"
        else:
            glued.append(sentence)
    return glued


def split_clauses(text: str, lexicon: Lexicon) -> list[str]:
    """Halve a long sentence at the boundary nearest its middle; answer it whole where there is none."""
    middle = len(text) / 2
    candidates = sorted(
        (abs(position - middle) * weight, position)
        for position, weight in _boundaries(text, lexicon)
        if len(text) * 0.22 <= position <= len(text) * 0.78
    )
    addresses = [address.span() for address in ADDRESS.finditer(text)] if candidates else []
    position = next((position for _, position in candidates if not _is_within(addresses, position)), None)
    return [text] if position is None else [text[:position].strip(), text[position:].strip()]


def _is_within(spans: Sequence[tuple[int, int]], position: int) -> bool:
    """Tell whether a position lies inside one of the spans, which stand in order."""
    index = bisect_left(spans, (position, 0)) - 1
    return index >= 0 and position < spans[index][1]


def _boundaries(text: str, lexicon: Lexicon) -> list[tuple[int, float]]:
    """Positions where a cut may fall; the smaller the weight, the better the cut."""
    words = "|".join(re.escape(word) for word in lexicon.connectives)
    medium = re.compile(rf"[,，]\s+(?=(?:{words})\b)", re.IGNORECASE) if words else None
    strong = [(match.end(), 0.4) for match in _STRONG.finditer(text)]
    joined = [(match.end(), 0.6) for match in medium.finditer(text)] if medium else []
    weak = [(match.end(), 0.8 if not lexicon.is_spaced else 1.3) for match in _WEAK.finditer(text)]
    listed = _list_commas([end for end, _ in weak]) if " " in text else frozenset[int]()
    return strong + joined + [(end, weight) for end, weight in weak if end not in listed]


def _list_commas(commas: list[int]) -> frozenset[int]:
    """Answer the commas that stand between the items of a list ("Flopsy, Mopsy, and Peter")."""
    near = [pair for pair in pairwise(commas) if pair[1] - pair[0] < _LIST_ITEM_CHARACTERS_MAX]
    return frozenset(end for pair in near for end in pair)
