"""Events: what happened, past tense, written in the same transaction as the change that they tell of.

Every event belongs to one stream (a render, a storyboard, a character or a job) and has a dense number in it, taken
under the stream's row lock. A workspace's feed is the union of its streams in commit order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.identifiers import WorkspaceId

Scalar = str | int | float | bool | None
Json = Scalar | list["Json"] | dict[str, "Json"]


class StreamKind(StrEnum):
    """What a stream of events is about."""

    CHARACTER = "character"
    STORYBOARD = "storyboard"
    RENDER = "render"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Stream:
    """The thing that events tell of; `id` is the thing's own identifier."""

    kind: StreamKind
    id: UUID
    workspace_id: WorkspaceId


@dataclass(frozen=True, slots=True)
class Event:
    """One fact to be recorded; `name` is past tense, for example `RenderFinished`; `data` is JSON."""

    stream: Stream
    name: str
    data: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as stored: `number` is dense from 1 in its stream, `cursor` orders a workspace's feed."""

    stream: Stream
    number: int
    name: str
    data: Mapping[str, Json]
    at: datetime
    cursor: str


class Events(Protocol):
    """Where use cases tell what happened; written with the transaction."""

    async def append(self, event: Event) -> None: ...
