"""Strangers: people of a story who are not of the cast. They have no picture, but "he" may mean them."""

from itertools import pairwise

from adapters.screenplay.casting import Roster, is_title
from adapters.screenplay.lexicon import Lexicon
from adapters.screenplay.names import POSSESSIVE, WORD, plain_word


def discover_strangers(text: str, roster: Roster, lexicon: Lexicon) -> None:
    """Let the roster learn Mr. McGregor and the Fox: capitals behind a title or an English article."""
    for one, other in pairwise(WORD.finditer(text)):
        gap = text[one.end() : other.start()]
        if not other.group()[:1].isupper() or gap not in (" ", ". "):
            continue
        is_titled = one.group()[:1].isupper() and is_title(lexicon, plain_word(one.group()))
        is_article = lexicon.language == "en" and one.group().casefold() in lexicon.articles
        if is_titled or is_article:
            name = f"{one.group()}{gap}{other.group()}" if is_titled else other.group()
            roster.named(POSSESSIVE.sub("", name))
