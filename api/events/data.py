"""What an event tells beside its name, in the schema's own language: its keys, its ids, its enums, its seeds."""

import re
from collections.abc import Mapping

from domain.events import Json
from domain.identifiers import public_id

_IDS = {
    "characterId": "Character",
    "otherCharacterId": "Character",
    "imageId": "CharacterImage",
    "duplicateOfId": "CharacterImage",
    "adapterId": "AdapterVersion",
    "inUse": "AdapterVersion",
    "storyboardId": "Storyboard",
    "shotId": "Shot",
    "renderId": "Render",
}
_ENUMS = frozenset({"state", "shotState", "rung", "verdict", "faults"})
_LETTER_BEHIND_UNDERSCORE = re.compile(r"_([a-z0-9])")


def present_data(data: Mapping[str, Json]) -> dict[str, Json]:
    """Answer the data of an event as clients see it.

    What this version does not know, such as a state that a newer one wrote, is told all the same: an event that could
    not be told would keep its readers from all that come behind it.
    """
    return {name: _value(name, value) for name, value in _named(data)}


def _named(data: Mapping[str, Json]) -> list[tuple[str, Json]]:
    return [(_LETTER_BEHIND_UNDERSCORE.sub(lambda match: match[1].upper(), key), value) for key, value in data.items()]


def _value(name: str, value: Json) -> Json:
    if isinstance(value, dict):
        return present_data(value)
    if isinstance(value, list):
        return [_value(name, each) for each in value]
    if name == "seed":
        # Seeds have 63 bits; JavaScript's numbers hold 53.
        return str(value)
    if not isinstance(value, str):
        return value
    if name in _IDS:
        return public_id(_IDS[name], value)
    # The schema's enums are named as ours are valued, in capitals.
    return value.upper() if name in _ENUMS else value
