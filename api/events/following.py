"""Events behind a client's cursor: what every subscription to things of the product is made of."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from api.context import Context
from api.live import Source, follow, stream_source, workspace_source
from api.paging import decode_cursor, encode_cursor
from domain.events import RecordedEvent, Stream


@dataclass(frozen=True, slots=True)
class Told:
    """An event and the cursor behind which a client goes on."""

    event: RecordedEvent
    cursor: str


def stream_events(context: Context, stream: Stream, *, after: str | None) -> AsyncGenerator[Told]:
    """All events of one thing behind the cursor (none: from its first), then as they happen, for ever.

    The caller of this has made sure that the thing is there and the reader may see it.
    """
    return _told(context, stream_source(context.services.feed, stream), _asked(context, after) or "")


async def workspace_events(context: Context, *, after: str | None) -> AsyncGenerator[Told]:
    """All events of the caller's workspace behind the cursor (none: from now), then as they happen, for ever."""
    feed, workspace_id = context.services.feed, context.caller.workspace_id
    asked = _asked(context, after)
    start = await feed.newest_cursor(workspace_id) if asked is None else asked
    async with aclosing(_told(context, workspace_source(feed, workspace_id), start)) as events:
        async for told in events:
            yield told


def _asked(context: Context, after: str | None) -> str | None:
    given = context.visit.resume_after or after
    return None if given is None else decode_cursor(given)


async def _told(context: Context, source: Source, after: str) -> AsyncGenerator[Told]:
    async with aclosing(follow(context.services.wakeups, source, after=after)) as events:
        async for event in events:
            context.cursor = encode_cursor(source.cursor_of(event))
            yield Told(event, context.cursor)
