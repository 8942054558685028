"""Events behind a cursor arrive once, in order, whatever the bell does."""

import asyncio
from contextlib import aclosing

import pytest

from api.live import READ_EVENTS_MAX, follow, merged, stream_source, workspace_source
from domain.errors import Invalid
from domain.events import Stream, StreamKind
from tests.api.toy import THINGS, WORKSPACE, ToyFeed

THING = Stream(StreamKind.CHARACTER, THINGS[0], WORKSPACE)


async def take(feed: ToyFeed, count: int, *, after: str = "", poll_seconds: float = 60.0) -> list[int]:
    async with aclosing(follow(feed, stream_source(feed, THING), after=after, poll_seconds=poll_seconds)) as events:
        found: list[int] = []
        while len(found) < count:
            found.append((await anext(events)).number)
        return found


async def test_stored_events_come_first_then_new_ones() -> None:
    feed = ToyFeed()
    feed.tell("Made")
    task = asyncio.create_task(take(feed, 3))
    await feed.reads.get()
    feed.tell("Changed")
    feed.tell("Gone")
    assert await task == [1, 2, 3]


async def test_more_than_one_read_of_events_comes_without_waiting_for_the_bell() -> None:
    feed = ToyFeed()
    for _ in range(2 * READ_EVENTS_MAX + 1):
        feed.tell("Changed")
    assert await take(feed, 2 * READ_EVENTS_MAX + 1) == list(range(1, 2 * READ_EVENTS_MAX + 2))


async def test_reading_goes_on_behind_the_cursor() -> None:
    feed = ToyFeed()
    for _ in range(5):
        feed.tell("Changed")
    assert await take(feed, 2, after="3") == [4, 5]


async def test_a_bell_that_never_rings_only_delays() -> None:
    feed = ToyFeed()
    feed.is_deaf = True
    task = asyncio.create_task(take(feed, 1, poll_seconds=0.001))
    for _ in range(2):
        await feed.reads.get()
    feed.tell("Made")
    assert await task == [1]


async def test_leaving_takes_the_bell_down() -> None:
    feed = ToyFeed()
    feed.tell("Made")
    await take(feed, 1)
    assert not any(feed.bells.values())


async def test_a_made_up_number_is_refused() -> None:
    with pytest.raises(Invalid, match="not one of ours"):
        await take(ToyFeed(), 1, after="٣")


async def test_the_feed_of_a_workspace_has_all_its_things_in_order() -> None:
    feed = ToyFeed()
    for thing in THINGS:
        feed.tell("Made", thing)
    async with aclosing(follow(feed, workspace_source(feed, WORKSPACE), after="000002")) as events:
        assert [(await anext(events)).stream.id for _ in range(3)] == THINGS[2:]


async def test_merged_generators_end_together_and_close_together() -> None:
    feed = ToyFeed()
    feed.tell("Made")
    source = stream_source(feed, THING)
    both = merged(follow(feed, source, after=""), follow(feed, source, after=""))
    assert [(await anext(both)).number for _ in range(2)] == [1, 1]
    await both.aclose()
    assert not any(feed.bells.values())
