"""Events: what happened, past tense, written in the same transaction as the change that they tell of.

Every event belongs to one stream (a render, a storyboard, a character or a job) and has a dense number in it, taken
under the stream's row lock. A workspace's feed is the union of its streams in commit order.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.errors import Conflict, Invalid
from domain.identifiers import WorkspaceId

Scalar = str | int | float | bool | None
Json = Scalar | list["Json"] | dict[str, "Json"]
Position = tuple[int, ...]


class StreamKind(StrEnum):
    """What a stream of events is about."""

    CHARACTER = "character"
    STORYBOARD = "storyboard"
    RENDER = "render"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Stream:
    """The thing that events tell of; `id` is the thing's own identifier.

    `kind` is a StreamKind, or the word of a newer version that writes beside this one.
    """

    kind: str
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


class CursorExpired(Conflict):
    """Something behind the cursor was forgotten since: read the things themselves, then follow from now on."""


class Events(Protocol):
    """Where use cases tell what happened; written with the transaction."""

    async def append(self, event: Event) -> None: ...


class Feed(Protocol):
    """Where subscribers read what happened; each call is one short read of its own."""

    async def read_stream(self, stream: Stream, *, after: int, limit: int = 100) -> Sequence[RecordedEvent]:
        """Events of one stream numbered above `after`, in order, without a gap; another workspace's stream is empty.

        After 0 it begins with the first that is kept. Raises CursorExpired when the one after `after` is not.
        """
        ...

    async def read_workspace(
        self, workspace_id: WorkspaceId, *, after: str | None, limit: int = 100
    ) -> Sequence[RecordedEvent]:
        """Events of a workspace behind the cursor, in commit order; None reads from the beginning.

        Raises Invalid for a cursor that this feed never gave, CursorExpired when something after it was forgotten.
        """
        ...

    async def newest_cursor(self, workspace_id: WorkspaceId) -> str:
        """The cursor to read from when only what is to come is wanted."""
        ...


class Wakeup(Protocol):
    """One subscriber's dirty bit: set by a hint that there is something to read, never carrying it."""

    async def wait(self, timeout_seconds: float) -> bool:
        """Wait for a hint and clear it; False when the time ran out, which is when to look anyway."""
        ...


class Wakeups(Protocol):
    """Hints that a stream or a workspace has something new; may be lost, so a reader also looks by itself.

    Subscribe first, then read, then wait: a hint between reading and waiting is kept in the dirty bit.
    """

    def subscribe(self, key: str) -> AbstractAsyncContextManager[Wakeup]: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one part of a thing is: a fraction from 0 to 1 that grows within an epoch and never falls.

    `preview` is a small JPEG of what is being made, base64; it is shown until another comes.
    """

    subject_id: UUID
    part: str
    epoch: int
    fraction: float
    preview: str | None = None


class ProgressWatch(Protocol):
    """The latest progress of each part of one subject; what was overtaken is not seen."""

    async def next(self, timeout_seconds: float) -> Sequence[Progress]:
        """Wait for news and answer the latest of each part that moved; empty when the time ran out."""
        ...


class ProgressReports(Protocol):
    """Fast progress, never stored: only its latest value is sent."""

    async def publish(self, progress: Progress) -> None: ...

    def watch(self, subject_id: UUID) -> AbstractAsyncContextManager[ProgressWatch]: ...


def stream_key(kind: str, stream_id: UUID) -> str:
    """The wake-up key of one stream."""
    return f"{kind}:{stream_id}"


def workspace_key(workspace_id: WorkspaceId) -> str:
    """The wake-up key of a whole workspace."""
    return f"workspace:{workspace_id}"


def cursor_position(cursor: str) -> Position:
    """Where a cursor stands in its sequence, comparable with others of it; "" is the beginning.

    Raises Invalid for what is not numbers joined by dashes.
    """
    parts = cursor.split("-") if cursor else []
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise Invalid("That cursor is not one of ours.", field="after")
    return tuple(map(int, parts))
