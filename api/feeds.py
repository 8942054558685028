"""Sources of events, each read once a process and kept in a short ring, however many subscribers follow it."""

import asyncio
import random
from bisect import bisect_right
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from domain.errors import Invalid, Unavailable
from domain.events import (
    Feed,
    Position,
    RecordedEvent,
    Stream,
    Wakeups,
    cursor_position,
    stream_key,
    workspace_key,
)
from domain.identifiers import WorkspaceId

log = structlog.get_logger()

READ_EVENTS_MAX = 100
RING_EVENTS_MAX = 400
POLL_SECONDS = 1.0
# A quiet source is asked less and less often, and all of a process together at most so many times a second.
POLL_SECONDS_MAX = 4.0
POLLS_A_SECOND_MAX = 100.0
# What a bell rang for may not be seen yet, so it is looked for again soon: soon for a few, later where many are rung.
SOON_SECONDS, SOON_LOOKS_A_SECOND_MAX = 0.05, 1000.0
# When Redis comes back every source is looked at, and requests need connections, too.
READS_AT_ONCE_MAX = 4
# While the database is away.
AWAY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Source:
    """One sequence of events that can be followed, as one workspace may see it.

    `key` is its bell's; `read(cursor, limit)` answers every event behind a cursor, in order. Of a source that `hides`
    an event is not read as long as an older transaction runs, though its bell has been rung.
    """

    key: str
    workspace_id: WorkspaceId
    read: Callable[[str, int], Awaitable[Sequence[RecordedEvent]]]
    cursor_of: Callable[[RecordedEvent], str]
    hides: bool = False


def stream_source(feed: Feed, stream: Stream) -> Source:
    """The events of one thing; their cursor is their number."""

    async def read(after: str, limit: int) -> Sequence[RecordedEvent]:
        if not (after or "0").isdecimal():
            raise Invalid("That cursor is of another subscription.", field="after")
        return await feed.read_stream(stream, after=int(after or 0), limit=limit)

    return Source(stream_key(stream.kind, stream.id), stream.workspace_id, read, lambda event: str(event.number))


def workspace_source(feed: Feed, workspace_id: WorkspaceId) -> Source:
    """Everything that happens in a workspace."""

    async def read(after: str, limit: int) -> Sequence[RecordedEvent]:
        return await feed.read_workspace(workspace_id, after=after or None, limit=limit)

    return Source(workspace_key(workspace_id), workspace_id, read, lambda event: event.cursor, hides=True)


class Ring:
    """The newest events of one source.

    Invariant: it holds every event behind `start` up to its tail, in order; only `pump` adds, at the tail.
    """

    def __init__(self, source: Source, *, after: str) -> None:
        self.source = source
        self.followers = 0
        self.additions = 0
        self._begin(after)
        self._news = asyncio.Event()
        self._trouble: BaseException | None = None

    def _begin(self, after: str) -> None:
        self.start = cursor_position(after)
        self._cursor = after
        self._positions: list[Position] = []
        self._events: list[RecordedEvent] = []

    def begin_earlier(self, after: str) -> None:
        """Step back to where the source really ends, if the first follower's cursor was beyond it."""
        if not self._events:
            self._begin(after)

    def behind(self, position: Position) -> Sequence[RecordedEvent]:
        """The next events of a follower that stands at `start` or later."""
        index = bisect_right(self._positions, position)
        return self._events[index : index + READ_EVENTS_MAX]

    async def news(self, seen: int) -> None:
        """Wait until events were added since `additions` was `seen`; raises what stopped the pump."""
        if self._trouble is None and self.additions == seen:
            await self._news.wait()
        if self._trouble is not None:
            raise self._trouble

    async def pump(self, wakeups: Wakeups, read: "Read", pauses: "Pauses") -> None:
        """Read what comes, for ever, until a read fails; a database that is away is waited for.

        The bell is hung before the first read and keeps a ring that comes during a read, so nothing falls between
        the two. A bell that never rings costs a read a pause, growing where nothing happens.
        """
        pause = pauses.first_seconds
        async with wakeups.subscribe(self.source.key) as bell:
            while True:
                asked = self._cursor
                events = await read(self.source, asked)
                if asked != self._cursor:
                    continue  # The ring has stepped back meanwhile.
                self._add(events)
                pause = pauses.first_seconds if events else pause
                if len(events) == READ_EVENTS_MAX:
                    continue
                if not await bell.wait(pause):
                    pause = min(2 * pause, pauses.most_seconds())
                elif self.source.hides:
                    pause = pauses.soon_seconds()

    def stop(self, pump: asyncio.Task[None]) -> None:
        """Tell the followers, who would else wait for ever, what has ended the pump."""
        if not pump.cancelled():
            self._trouble = pump.exception()
            self._news.set()

    @property
    def has_failed(self) -> bool:
        return self._trouble is not None

    def _add(self, events: Sequence[RecordedEvent]) -> None:
        if not events:
            return
        cursors = [self.source.cursor_of(event) for event in events]
        self._positions += map(cursor_position, cursors)
        self._events += events
        self._cursor = cursors[-1]
        if (surplus := len(self._events) - RING_EVENTS_MAX) > 0:
            self.start = self._positions[surplus - 1]
            del self._positions[:surplus], self._events[:surplus]
        self.additions += 1
        self._news.set()
        self._news = asyncio.Event()


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long a pump waits for its bell: at first and after events, at most, and after a ring that showed nothing."""

    first_seconds: float
    most_seconds: Callable[[], float]
    soon_seconds: Callable[[], float]


Read = Callable[[Source, str], Awaitable[Sequence[RecordedEvent]]]


class SharedFeed:
    """All rings of a process; a ring lives as long as somebody follows it. It owns their pumps."""

    def __init__(self, wakeups: Wakeups, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._wakeups = wakeups
        self._poll_seconds = poll_seconds
        self._rings: dict[tuple[WorkspaceId, str], Ring] = {}
        self._pumps: dict[Ring, asyncio.Task[None]] = {}
        self._reading = asyncio.Semaphore(READS_AT_ONCE_MAX)

    async def follow(self, source: Source, *, after: str) -> AsyncGenerator[RecordedEvent]:
        """Yield every event behind the cursor, once, in order, for ever.

        Whoever is behind the ring reads by itself until it has caught up, so what is kept of a reader is one cursor and
        at most one read, however slow it is. Raises Invalid and CursorExpired.
        """
        at = cursor_position(after)
        async with self._joined(source, after) as ring:
            while True:
                is_behind, seen = at < ring.start, ring.additions
                events = await self._read(source, after) if is_behind else ring.behind(at)
                for event in events:
                    after = source.cursor_of(event)
                    at = cursor_position(after)
                    yield event
                if events:
                    continue
                if is_behind:
                    ring.begin_earlier(after)
                await ring.news(seen)

    def _ring(self, source: Source, after: str) -> Ring:
        # The workspace is part of the key: who may not see a stream must not share the ring of who may.
        key = (source.workspace_id, source.key)
        ring = self._rings.get(key)
        if ring is None or ring.has_failed:
            ring = self._rings[key] = Ring(source, after=after)
            pauses = Pauses(self._poll_seconds, self._pause_seconds_max, self._soon_seconds)
            self._pumps[ring] = asyncio.create_task(ring.pump(self._wakeups, self._read, pauses))
            self._pumps[ring].add_done_callback(ring.stop)
        return ring

    async def _read(self, source: Source, after: str) -> Sequence[RecordedEvent]:
        """Read the next events, a few sources at a time; who follows while the database is away hears late of them."""
        while True:
            try:
                async with self._reading:
                    return await source.read(after, READ_EVENTS_MAX)
            except Unavailable as away:
                log.warning("events_wait", reason=away.message)
            await asyncio.sleep(AWAY_SECONDS * random.uniform(0.5, 1.0))  # noqa: S311 - spreads readers

    async def _drop(self, ring: Ring) -> None:
        key = (ring.source.workspace_id, ring.source.key)
        if self._rings.get(key) is ring:
            del self._rings[key]
        pump = self._pumps.pop(ring)
        pump.cancel()
        await asyncio.wait([pump])

    @asynccontextmanager
    async def _joined(self, source: Source, after: str) -> AsyncGenerator[Ring]:
        ring = self._ring(source, after)
        ring.followers += 1
        try:
            yield ring
        finally:
            ring.followers -= 1
            if not ring.followers:
                await self._drop(ring)

    def _pause_seconds_max(self) -> float:
        return max(POLL_SECONDS_MAX, len(self._rings) / POLLS_A_SECOND_MAX)

    def _soon_seconds(self) -> float:
        return max(SOON_SECONDS, len(self._rings) / SOON_LOOKS_A_SECOND_MAX)
