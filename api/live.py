"""Live events: everything that happened after a cursor, once and in order, then what happens, as it happens."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from domain.errors import Invalid
from domain.events import (
    Feed,
    Progress,
    ProgressReports,
    RecordedEvent,
    Stream,
    Wakeups,
    stream_key,
    workspace_key,
)
from domain.identifiers import WorkspaceId

T = TypeVar("T")
READ_EVENTS_MAX = 100
POLL_SECONDS = 1.0
# A quiet source is asked less and less often: hints are seldom lost, and a thousand subscribers poll too.
POLL_SECONDS_MAX = 4.0


class LiveServices(Protocol):
    """What live events are read from."""

    @property
    def feed(self) -> Feed: ...

    @property
    def wakeups(self) -> Wakeups: ...

    @property
    def progress(self) -> ProgressReports: ...


@dataclass(frozen=True, slots=True)
class Source:
    """One sequence of events that can be followed: its bell's key, how to read it, and what points at an event."""

    key: str
    read: Callable[[str, int], Awaitable[Sequence[RecordedEvent]]]
    cursor_of: Callable[[RecordedEvent], str]


def stream_source(feed: Feed, stream: Stream) -> Source:
    """The events of one thing; their cursor is their number."""

    async def read(after: str, limit: int) -> Sequence[RecordedEvent]:
        return await feed.read_stream(stream, after=_number(after), limit=limit)

    return Source(stream_key(stream.kind, stream.id), read, lambda event: str(event.number))


def workspace_source(feed: Feed, workspace_id: WorkspaceId) -> Source:
    """Everything that happens in a workspace."""

    async def read(after: str, limit: int) -> Sequence[RecordedEvent]:
        return await feed.read_workspace(workspace_id, after=after or None, limit=limit)

    return Source(workspace_key(workspace_id), read, lambda event: event.cursor)


async def follow(
    wakeups: Wakeups, source: Source, *, after: str, poll_seconds: float = POLL_SECONDS
) -> AsyncGenerator[RecordedEvent]:
    """Yield every event behind the cursor, once, in order, for ever.

    The bell is hung before the first read and keeps a ring that comes during a read, so nothing falls between the two.
    What is kept is one bit and one cursor, however slow the reader is. A bell that never rings costs a read a second,
    growing to one in four where nothing happens.
    """
    pause = poll_seconds
    async with wakeups.subscribe(source.key) as bell:
        while True:
            events = await source.read(after, READ_EVENTS_MAX)
            for event in events:
                after = source.cursor_of(event)
                yield event
            if events:
                pause = poll_seconds
            if len(events) < READ_EVENTS_MAX and not await bell.wait(pause):
                pause = min(2 * pause, POLL_SECONDS_MAX)


async def watch_progress(
    reports: ProgressReports, subject_id: UUID, *, poll_seconds: float = POLL_SECONDS
) -> AsyncGenerator[Progress]:
    """Yield the latest progress of each part of one subject as it moves; what was overtaken is never seen."""
    async with reports.watch(subject_id) as watch:
        while True:
            for progress in await watch.next(poll_seconds):
                yield progress


async def merged(*generators: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """Yield what any of the generators yields, as it comes, until all have ended; one waits while the reader is slow.

    Closing this closes them all.
    """
    waiting = {asyncio.ensure_future(anext(generator)): generator for generator in generators}
    try:
        while waiting:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                generator = waiting.pop(task)
                if isinstance(task.exception(), StopAsyncIteration):
                    continue
                yield task.result()
                waiting[asyncio.ensure_future(anext(generator))] = generator
    finally:
        await _close(list(waiting), generators)


async def _close(tasks: Sequence[asyncio.Future[T]], generators: Sequence[AsyncGenerator[T]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for generator in generators:
        await generator.aclose()


def _number(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise Invalid("That cursor is not one of ours.", field="after")
    return int(cursor)
