"""What every text that a user gives has to be: what can be kept, and, in one line, what cannot deceive a reader."""

import unicodedata

from domain.errors import Invalid

# Marks that turn the direction of what follows: a name with one makes its neighbours read backwards. The plain marks
# U+200E and U+200F, which Arabic and Hebrew need beside digits, turn nothing.
TURNING_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def storable(text: str, field: str) -> str:
    """Answer the text composed; raises Invalid for what no database keeps: U+0000 and half of a surrogate pair."""
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise Invalid("The text holds a character that cannot be kept.", field=field)
    return unicodedata.normalize("NFC", text)


def one_line(text: str, field: str) -> str:
    """Answer the text in one line; raises Invalid for control characters and marks that turn its direction."""
    canonical = " ".join(storable(text, field).split())
    if any(sign in TURNING_MARKS or unicodedata.category(sign) == "Cc" for sign in canonical):
        raise Invalid("The text holds a control character or a mark that turns its direction.", field=field)
    return canonical
