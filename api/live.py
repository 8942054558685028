"""Live events: everything that happened after a cursor, once and in order, then what happens, as it happens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.errors import Invalid
from domain.events import RecordedEvent, Stream
from domain.identifiers import WorkspaceId

READ_EVENTS_MAX = 200
POLL_SECONDS = 1.0


class EventFeeds(Protocol):
    """Stored events to be read after a cursor, and a bell that rings when there may be more."""

    async def read_stream(self, stream: Stream, after: int, limit: int) -> Sequence[RecordedEvent]:
        """The stream's events with a number above `after`, in order."""
        ...

    async def read_workspace(self, workspace_id: WorkspaceId, after: str, limit: int) -> Sequence[RecordedEvent]:
        """The workspace's events behind the cursor `after` (empty: from the first), in commit order."""
        ...

    async def head(self, workspace_id: WorkspaceId) -> str:
        """The cursor of the newest event that can be read; empty when there is none."""
        ...

    def subscribe(self, key: str) -> AbstractAsyncContextManager[asyncio.Event]:
        """A bell, set whenever something under the key may have happened; it may ring for nothing, or not at all."""
        ...


def stream_key(stream: Stream) -> str:
    """The bell's key of one thing."""
    return f"{stream.kind.value}:{stream.id}"


def workspace_key(workspace_id: WorkspaceId) -> str:
    """The bell's key of everything in a workspace."""
    return f"workspace:{workspace_id}"


@dataclass(frozen=True, slots=True)
class Source:
    """One sequence of events that can be followed: its bell's key, how to read it, and what points at an event."""

    key: str
    read: Callable[[str, int], Awaitable[Sequence[RecordedEvent]]]
    cursor_of: Callable[[RecordedEvent], str]


def stream_source(feeds: EventFeeds, stream: Stream) -> Source:
    """The events of one thing; their cursor is their number."""

    async def read(after: str, limit: int) -> Sequence[RecordedEvent]:
        return await feeds.read_stream(stream, _number(after), limit)

    return Source(stream_key(stream), read, lambda event: str(event.number))


def workspace_source(feeds: EventFeeds, workspace_id: WorkspaceId) -> Source:
    """Everything that happens in a workspace."""

    async def read(after: str, limit: int) -> Sequence[RecordedEvent]:
        return await feeds.read_workspace(workspace_id, after, limit)

    return Source(workspace_key(workspace_id), read, lambda event: event.cursor)


async def follow(
    feeds: EventFeeds, source: Source, *, after: str, poll_seconds: float = POLL_SECONDS
) -> AsyncIterator[RecordedEvent]:
    """Yield every event behind the cursor, once, in order, for ever.

    The bell is registered before the first read, so nothing falls between the two; it is cleared before each read, so
    a ring during the read is not lost. What is kept is one bit and one cursor, however slow the reader is. A bell that
    never rings costs a poll a second.
    """
    async with feeds.subscribe(source.key) as bell:
        while True:
            bell.clear()
            events = await source.read(after, READ_EVENTS_MAX)
            for event in events:
                after = source.cursor_of(event)
                yield event
            if len(events) < READ_EVENTS_MAX:
                await _rung(bell, poll_seconds)


async def _rung(bell: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        return


def _number(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise Invalid("That cursor is not one of ours.", field="after")
    return int(cursor)
