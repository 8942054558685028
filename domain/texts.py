"""What every text that a user gives has to be: what can be kept, and, in one line, what cannot deceive a reader."""

import re
import unicodedata
from functools import cache

from domain.errors import Invalid

# Marks that turn the direction of what follows: a name with one makes its neighbours read backwards. The plain marks
# U+200E and U+200F, which Arabic and Hebrew need beside digits, turn nothing.
TURNING_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# No line that is kept has more than 500 characters; decomposed letters and blanks make some longer before that.
LINE_CHARACTERS_MAX = 10_000
# As UAX #15 bounds them in its Stream-Safe Text Format; Python sorts a run of them in quadratic time.
MARKS_IN_A_ROW_MAX = 30
_NEVER_KEPT = re.compile("[\x00\ud800-\udfff]")
# The general category Cc, which never changes, and the marks above.
_DECEIVING = re.compile(f"[\x00-\x1f\x7f-\x9f{''.join(sorted(TURNING_MARKS))}]")


def storable(text: str, field: str) -> str:
    """Answer the text composed; raises Invalid for what no database keeps: U+0000 and half of a surrogate pair.

    And for more marks in a row than any script sets on a letter. Takes a time that is linear in the text.
    """
    if _NEVER_KEPT.search(text):
        raise Invalid("The text holds a character that cannot be kept.", field=field)
    if not text.isascii() and _has_too_many_marks(text):
        raise Invalid(f"The text holds more than {MARKS_IN_A_ROW_MAX} combining marks in a row.", field=field)
    return unicodedata.normalize("NFC", text)


def one_line(text: str, field: str) -> str:
    """Answer the text in one line; raises Invalid for control characters and marks that turn its direction.

    And for a text that is far longer than any line, before it is looked at.
    """
    if len(text) > LINE_CHARACTERS_MAX:
        raise Invalid(f"The text has {len(text):,} characters, too many for a line.", field=field)
    canonical = " ".join(storable(text, field).split())
    if _DECEIVING.search(canonical):
        raise Invalid("The text holds a control character or a mark that turns its direction.", field=field)
    return canonical


def _has_too_many_marks(text: str) -> bool:
    perhaps, surely = _runs_of_marks()
    return any(surely.search(run[0]) for run in perhaps.finditer(text))


@cache
def _runs_of_marks() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Answer what finds runs of signs that may be marks, quickly, and what finds a mark too many in such a run.

    A mark here is what sorting moves: a combining sign, or one that comes apart into nothing else, such as U+0F73.
    Classes of signs are searched for quickly while none beyond U+FFFF is told apart, and where a sign goes before the
    repetition.
    """
    signs = map(chr, range(0x300, 0x20000))
    marks = "".join(sign for sign in signs if unicodedata.combining(unicodedata.normalize("NFD", sign)[0]))
    lower = "".join(sign for sign in marks if sign <= "\uffff")
    classes = f"[{lower}\U00010000-\U0001ffff]", f"[{marks}]"
    perhaps, surely = (re.compile(f"{each}{each}{{{MARKS_IN_A_ROW_MAX},}}") for each in classes)
    return perhaps, surely
