"""What image models are told of a character in English, and the word that calls its adapter.

The words come from the metadata that the user gave, `appearance` and `class`, where those are English, else from the
first sentence of an English description; nothing is translated or guessed, so there may be none.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from domain.characters.models import CharacterTexts
from domain.identifiers import CharacterId

CLASS_WORDS = "character"
APPEARANCE_CHARACTERS_MAX = 200
CLASS_CHARACTERS_MAX = 40
TRIGGER_LETTERS = 6
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
# A sentence in Latin letters is taken for English where it has one of these.
_ENGLISH = frozenset(
    ("a", "an", "the", "and", "of", "with", "in", "on", "is", "are", "has", "wears", "wearing", "his", "her", "their")
)
_WORD = re.compile(r"[a-z]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")


class AppearanceSource(StrEnum):
    """Where the words come from."""

    METADATA = "metadata"
    DESCRIPTION = "description"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Appearance:
    """English words: what the character looks like, and what it is an example of ("rabbit")."""

    words: str = ""
    class_words: str = CLASS_WORDS
    source: AppearanceSource = AppearanceSource.NOWHERE

    @property
    def told(self) -> str:
        """What an engine that reads words is told; empty where nothing is known."""
        known = [self.class_words] if self.class_words != CLASS_WORDS else []
        return ", ".join([*known, self.words] if self.words else known)


def appearance_of(texts: CharacterTexts) -> Appearance:
    """Answer what the character's texts say in English."""
    class_words = _latin(texts.metadata.get("class"), CLASS_CHARACTERS_MAX) or CLASS_WORDS
    if words := _latin(texts.metadata.get("appearance"), APPEARANCE_CHARACTERS_MAX):
        return Appearance(words, class_words, AppearanceSource.METADATA)
    sentence = _latin(_SENTENCE_END.split(texts.description, maxsplit=1)[0], APPEARANCE_CHARACTERS_MAX)
    if _ENGLISH & set(_WORD.findall(sentence.lower())):
        return Appearance(sentence, class_words, AppearanceSource.DESCRIPTION)
    return Appearance(class_words=class_words)


def trigger_of(character_id: CharacterId) -> str:
    """Answer a word that no language has, the same for a character for ever: six consonants from the id's digest."""
    digest = hashlib.sha256(character_id.bytes).digest()
    return "".join(_CONSONANTS[byte % len(_CONSONANTS)] for byte in digest[:TRIGGER_LETTERS])


def _latin(value: object, length_max: int) -> str:
    """Answer the text in one line, cut at a word; empty for what is no text or is not in plain Latin letters."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text.isascii():
        return ""
    return text if len(text) <= length_max else text[:length_max].rsplit(" ", 1)[0]
