"""Forms of a name: what its cases put behind it, by the endings that each language has."""

import re
from collections.abc import Iterator

from adapters.screenplay.lexicon import Lexicon

_VOWELS = frozenset("aeiouyäöüåéèêàáíóúýăеаёиоуыэюяйь")
_LOSES_VOWEL_LETTERS_MIN = 4
_SLAVIC_FLEETING = re.compile(r"^(\w+)([еоёя])([бвгджзклмнпрстфхцчшщ])$")
_FLEETING_LANGUAGES = frozenset({"ru", "uk", "bg", "sr"})


def stems(name: str, lexicon: Lexicon) -> Iterator[tuple[str, frozenset[str]]]:
    """Answer beginnings that forms of a name share, each with the endings that make a form of it."""
    language, endings = lexicon.language, lexicon.endings
    yield name, endings
    if len(name) >= _LOSES_VOWEL_LETTERS_MIN and name[-1] in _VOWELS:
        yield name[:-1], lexicon.vowel_endings
    if language == "en" and name.endswith("s"):
        yield name[:-1], frozenset({""})
    if language == "pl" and name.endswith("ia"):
        yield name[:-1], frozenset({""})
    if language == "de" and len(name) >= _LOSES_VOWEL_LETTERS_MIN:
        yield name, frozenset({"e"})
    if language in _FLEETING_LANGUAGES and (fleeting := _SLAVIC_FLEETING.match(name)):
        yield fleeting.group(1) + ("й" if fleeting.group(2) == "я" else "") + fleeting.group(3), endings
    if language in ("fi", "et") and name.endswith("s"):
        yield name[:-1] + "k", endings
    if language in ("fi", "et") and len(name) > 4 and re.search(r"(kk|pp|tt)\w$", name):
        yield name[:-2] + name[-1], endings
