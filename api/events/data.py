"""What an event tells beside its name, in the schema's own language: its keys, its ids, its enums, its seeds."""

import re
from collections.abc import Mapping
from enum import Enum
from uuid import UUID

from api.node import global_id
from domain.characters.identity import PictureFault
from domain.characters.models import CharacterState
from domain.events import Json, StreamKind
from domain.jobs.models import JobState
from domain.renders.judgements import Verdict
from domain.renders.states import RenderState, Rung, ShotState
from domain.storyboards.models import StoryboardState

_IDS = {
    "characterId": "Character",
    "otherCharacterId": "Character",
    "imageId": "CharacterImage",
    "duplicateOfId": "CharacterImage",
    "storyboardId": "Storyboard",
    "shotId": "Shot",
    "renderId": "Render",
}
_ENUMS: Mapping[str, type[Enum]] = {"shotState": ShotState, "rung": Rung, "verdict": Verdict, "faults": PictureFault}
_STATES: Mapping[StreamKind, type[Enum]] = {
    StreamKind.CHARACTER: CharacterState,
    StreamKind.STORYBOARD: StoryboardState,
    StreamKind.RENDER: RenderState,
    StreamKind.JOB: JobState,
}
_LETTER_BEHIND_UNDERSCORE = re.compile(r"_([a-z0-9])")


def present_data(kind: StreamKind, data: Mapping[str, Json]) -> dict[str, Json]:
    """Answer the data of an event of such a stream as clients see it."""
    enums = {**_ENUMS, "state": _STATES[kind]}
    return {name: _value(name, value, enums) for name, value in _named(data)}


def _named(data: Mapping[str, Json]) -> list[tuple[str, Json]]:
    return [(_LETTER_BEHIND_UNDERSCORE.sub(lambda match: match[1].upper(), key), value) for key, value in data.items()]


def _value(name: str, value: Json, enums: Mapping[str, type[Enum]]) -> Json:
    if isinstance(value, dict):
        return {key: _value(key, each, enums) for key, each in _named(value)}
    if isinstance(value, list):
        return [_value(name, each, enums) for each in value]
    if name == "seed":
        # Seeds have 63 bits; JavaScript's numbers hold 53.
        return str(value)
    if not isinstance(value, str):
        return value
    if name in _IDS:
        return global_id(_IDS[name], UUID(value))
    return enums[name](value).name if name in enums else value
