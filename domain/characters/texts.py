"""The rules for what a user says about a character."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from domain.characters.models import CharacterTexts
from domain.errors import Invalid
from domain.events import Json
from domain.texts import one_line, storable

NAME_CHARACTERS_MAX = 100
ALIASES_MAX = 20
DESCRIPTION_CHARACTERS_MAX = 10_000
# As it is given, with blank ends and letters in parts.
DESCRIPTION_CHARACTERS_READ = 4 * DESCRIPTION_CHARACTERS_MAX
METADATA_BYTES_MAX = 16_384
METADATA_LEVELS_MAX = 64  # as the body of a request may nest
METADATA_INTEGERS = range(-(2**63), 2**64)  # what can be written in JSON again
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def checked_texts(
    *, name: str, aliases: Sequence[str] = (), description: str = "", metadata: object = None
) -> CharacterTexts:
    """Answer the texts in their canonical form; raises Invalid, naming the field, for any that break a rule."""
    return CharacterTexts(
        name=checked_name(name),
        aliases=checked_aliases(aliases),
        description=checked_description(description),
        metadata=checked_metadata({} if metadata is None else metadata),
    )


def checked_name(name: str, *, field: str = "name") -> str:
    """Answer the name in one line and composed form: between 1 and 100 characters that can be seen."""
    canonical = one_line(name, field)
    if not 1 <= len(canonical) <= NAME_CHARACTERS_MAX:
        raise Invalid(f"A name has between 1 and {NAME_CHARACTERS_MAX} characters.", field=field)
    return canonical


def checked_aliases(aliases: Sequence[str]) -> tuple[str, ...]:
    """Answer the other names, each once; at most 20, counted before any is looked at."""
    if len(aliases) > ALIASES_MAX:
        raise Invalid(f"A character has at most {ALIASES_MAX} aliases.", field="aliases")
    return tuple(dict.fromkeys(checked_name(alias, field="aliases") for alias in aliases))


def checked_description(description: str) -> str:
    """Answer the description without blank ends; at most 10,000 characters."""
    refusal = Invalid(f"A description has at most {DESCRIPTION_CHARACTERS_MAX} characters.", field="description")
    if len(description) > DESCRIPTION_CHARACTERS_READ:
        raise refusal
    canonical = storable(description, "description").strip()
    if len(canonical) > DESCRIPTION_CHARACTERS_MAX:
        raise refusal
    return canonical


def checked_metadata(metadata: object) -> Mapping[str, Json]:
    """Answer the metadata as it is: a JSON object of at most 16 KiB, 64 levels and integers of 64 bits."""
    if not is_json_object(metadata):
        raise Invalid("Metadata is a JSON object.", field="metadata")
    _refuse_boundless(metadata)
    try:
        written = json.dumps(metadata, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError):
        raise Invalid("Metadata is a JSON object.", field="metadata") from None
    # PostgreSQL's jsonb knows neither U+0000, which json.dumps escapes, nor half of a surrogate pair.
    if _ESCAPED_NUL.search(written):
        raise Invalid("Metadata holds a character that cannot be kept.", field="metadata")
    storable(written, "metadata")
    if len(written.encode()) > METADATA_BYTES_MAX:
        raise _metadata_too_large()
    return metadata


def _refuse_boundless(metadata: object) -> None:
    """Refuse what must not be written down to be measured: one value of a request may stand in it thousands of times.

    Each level is counted by the least that it takes in JSON before the next is opened.
    """
    level, least_bytes = [metadata], 0
    for _ in range(METADATA_LEVELS_MAX):
        least_bytes += sum(map(_least_bytes, level))
        if least_bytes > METADATA_BYTES_MAX:
            raise _metadata_too_large()
        if any(isinstance(each, int) and each not in METADATA_INTEGERS for each in level):
            raise Invalid("Metadata holds a whole number of more than 64 bits.", field="metadata")
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return
    raise Invalid(f"Metadata nests at most {METADATA_LEVELS_MAX} levels deep.", field="metadata")


def _least_bytes(value: object) -> int:
    if isinstance(value, str):
        return 2 + len(value)
    return 1 + len(value) if is_json_object(value) or is_json_list(value) else 1


def _inside(value: object) -> Sequence[object]:
    if is_json_object(value):
        return [*value.keys(), *value.values()]
    return value if is_json_list(value) else ()


def _metadata_too_large() -> Invalid:
    return Invalid(f"Metadata is at most {METADATA_BYTES_MAX} bytes of JSON.", field="metadata")


def is_json_object(value: object) -> TypeGuard[Mapping[str, Json]]:
    """Whether a value parsed from JSON is an object; its keys are strings then."""
    return isinstance(value, dict)


def is_json_list(value: object) -> TypeGuard[Sequence[Json]]:
    """Whether a value parsed from JSON is a list."""
    return isinstance(value, list)
