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
METADATA_BYTES_MAX = 16_384
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
    """Answer the other names, each once; at most 20."""
    canonical = tuple(dict.fromkeys(checked_name(alias, field="aliases") for alias in aliases))
    if len(canonical) > ALIASES_MAX:
        raise Invalid(f"A character has at most {ALIASES_MAX} aliases.", field="aliases")
    return canonical


def checked_description(description: str) -> str:
    """Answer the description without blank ends; at most 10,000 characters."""
    canonical = storable(description, "description").strip()
    if len(canonical) > DESCRIPTION_CHARACTERS_MAX:
        raise Invalid(f"A description has at most {DESCRIPTION_CHARACTERS_MAX} characters.", field="description")
    return canonical


def checked_metadata(metadata: object) -> Mapping[str, Json]:
    """Answer the metadata as it is: a JSON object of at most 16 KiB."""
    if not is_json_object(metadata):
        raise Invalid("Metadata is a JSON object.", field="metadata")
    try:
        written = json.dumps(metadata, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        raise Invalid("Metadata is a JSON object.", field="metadata") from None
    # PostgreSQL's jsonb knows neither U+0000, which json.dumps escapes, nor half of a surrogate pair.
    if _ESCAPED_NUL.search(written):
        raise Invalid("Metadata holds a character that cannot be kept.", field="metadata")
    storable(written, "metadata")
    if len(written.encode()) > METADATA_BYTES_MAX:
        raise Invalid(f"Metadata is at most {METADATA_BYTES_MAX} bytes of JSON.", field="metadata")
    return metadata


def is_json_object(value: object) -> TypeGuard[Mapping[str, Json]]:
    """Whether a value parsed from JSON is an object; its keys are strings then."""
    return isinstance(value, dict)
