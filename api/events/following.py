"""Events behind a client's cursor: what every subscription to things of the product is made of."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from api.context import Batch, Context
from api.feeds import Source, stream_source, workspace_source
from api.paging import decode_cursor, encode_cursor
from domain.errors import NotFound
from domain.events import RecordedEvent, Stream
from domain.identifiers import WorkspaceId

K = TypeVar("K", bound=UUID)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Told:
    """An event and the cursor behind which a client goes on."""

    event: RecordedEvent
    cursor: str


@dataclass(frozen=True, slots=True)
class Followed(Generic[K, V]):
    """A kind of thing whose events are told until `last`, the one that tells of its deletion."""

    batch: Batch[K, V]
    stream_of: Callable[[WorkspaceId, K], Stream]
    missing: type[NotFound]
    name: str
    last: str


async def events_until_deleted(
    context: Context, followed: Followed[K, V], key: K, *, after: str | None
) -> AsyncGenerator[Told]:
    """All events of one thing behind the cursor, then as they happen, until it is deleted; raises its NotFound."""
    if await context.load(followed.batch, key) is None:
        raise followed.missing(f"There is no such {followed.name}.", field="id")
    stream = followed.stream_of(context.caller.workspace_id, key)
    async with aclosing(stream_events(context, stream, after=after)) as events:
        async for told in events:
            yield told
            if told.event.name == followed.last:
                return


def stream_events(context: Context, stream: Stream, *, after: str | None) -> AsyncGenerator[Told]:
    """All events of one thing behind the cursor (none: from its first), then as they happen, for ever.

    The caller of this has made sure that the thing is there and the reader may see it.
    """
    return _told(context, stream_source(context.services.feed, stream), asked_cursor(context, after) or "")


async def workspace_events(context: Context, *, after: str | None) -> AsyncGenerator[Told]:
    """All events of the caller's workspace behind the cursor (none: from now), then as they happen, for ever."""
    feed, workspace_id = context.services.feed, context.caller.workspace_id
    asked = asked_cursor(context, after)
    start = await feed.newest_cursor(workspace_id) if asked is None else asked
    async with aclosing(_told(context, workspace_source(feed, workspace_id), start)) as events:
        async for told in events:
            yield told


def asked_cursor(context: Context, after: str | None) -> str | None:
    """The place that a client goes on from, as its source counts; raises Invalid for a cursor that is not ours."""
    given = context.visit.resume_after or after
    return None if given is None else decode_cursor(given)


async def _told(context: Context, source: Source, after: str) -> AsyncGenerator[Told]:
    context.forget()
    opened_at = context.now()
    async with aclosing(context.shared_feed.follow(source, after=after)) as events:
        async for event in events:
            # What happened before the subscriber came is late by its own wish.
            if event.at >= opened_at:
                context.metrics.told((context.now() - event.at).total_seconds())
            yield Told(event, encode_cursor(source.cursor_of(event)))
