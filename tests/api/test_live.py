"""Events behind a cursor arrive once, in order, whatever the bell does."""

import asyncio
from contextlib import aclosing

import pytest

from api.feeds import READ_EVENTS_MAX, RING_EVENTS_MAX, SharedFeed, stream_source, workspace_source
from api.live import merged
from domain.errors import Invalid, Unavailable
from domain.events import Stream, StreamKind
from domain.identifiers import WorkspaceId
from tests.api.toy import THINGS, WORKSPACE, ToyFeed

THING = Stream(StreamKind.CHARACTER, THINGS[0], WORKSPACE)


async def take(feed: ToyFeed, count: int, *, after: str = "", poll_seconds: float = 60.0) -> list[int]:
    async with aclosing(
        SharedFeed(feed, poll_seconds=poll_seconds).follow(stream_source(feed, THING), after=after)
    ) as events:
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


async def test_what_is_hidden_when_the_bell_rings_is_looked_for_again_soon() -> None:
    feed = ToyFeed()
    shared = SharedFeed(feed, poll_seconds=60)
    async with aclosing(shared.follow(workspace_source(feed, WORKSPACE), after="000000")) as events:
        first = asyncio.ensure_future(anext(events))
        await feed.reads.get()
        feed.is_hiding = True
        feed.tell("Made")
        await feed.reads.get()
        feed.is_hiding = False
        async with asyncio.timeout(5):
            assert (await first).number == 1


async def test_a_database_that_is_away_is_waited_for() -> None:
    feed = ToyFeed()
    feed.troubles = [Unavailable("The database does not answer.")]
    feed.tell("Made")
    async with asyncio.timeout(10):
        assert await take(feed, 1) == [1]
    assert not feed.troubles


async def test_a_cursor_of_another_subscription_is_refused() -> None:
    with pytest.raises(Invalid, match="another subscription"):
        await take(ToyFeed(), 1, after="12-3")


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
    async with aclosing(SharedFeed(feed).follow(workspace_source(feed, WORKSPACE), after="000002")) as events:
        assert [(await anext(events)).stream.id for _ in range(3)] == THINGS[2:]


async def test_merged_generators_end_together_and_close_together() -> None:
    feed = ToyFeed()
    feed.tell("Made")
    source = stream_source(feed, THING)
    shared = SharedFeed(feed)
    both = merged(shared.follow(source, after=""), shared.follow(source, after=""))
    assert [(await anext(both)).number for _ in range(2)] == [1, 1]
    await both.aclose()
    assert not any(feed.bells.values())


async def numbers(shared: SharedFeed, feed: ToyFeed, count: int, *, after: str = "") -> list[int]:
    async with aclosing(shared.follow(stream_source(feed, THING), after=after)) as events:
        return [(await anext(events)).number for _ in range(count)]


async def test_an_event_is_read_once_however_many_follow() -> None:
    feed = ToyFeed()
    shared = SharedFeed(feed, poll_seconds=60)
    many = [asyncio.create_task(numbers(shared, feed, 2)) for _ in range(50)]
    await feed.reads.get()
    for name in ("Made", "Changed"):
        feed.tell(name)
    assert await asyncio.gather(*many) == [[1, 2]] * 50
    assert feed.reads.qsize() <= 2


async def test_who_comes_later_reads_by_itself_only_what_the_ring_has_not() -> None:
    feed = ToyFeed()
    for _ in range(RING_EVENTS_MAX + 200):
        feed.tell("Changed")
    shared = SharedFeed(feed, poll_seconds=60)
    async with aclosing(shared.follow(stream_source(feed, THING), after="300")) as first:
        assert (await anext(first)).number == 301
        assert await numbers(shared, feed, RING_EVENTS_MAX + 200) == list(range(1, RING_EVENTS_MAX + 201))
        assert [(await anext(first)).number for _ in range(299)] == list(range(302, RING_EVENTS_MAX + 201))


async def test_a_slow_follower_misses_nothing_that_the_ring_has_dropped() -> None:
    feed = ToyFeed()
    shared = SharedFeed(feed, poll_seconds=60)
    feed.tell("Made")
    async with aclosing(shared.follow(stream_source(feed, THING), after="")) as slow:
        assert (await anext(slow)).number == 1
        for _ in range(2 * RING_EVENTS_MAX):
            feed.tell("Changed")
        assert len(await numbers(shared, feed, RING_EVENTS_MAX, after=str(RING_EVENTS_MAX))) == RING_EVENTS_MAX
        last = 2 * RING_EVENTS_MAX + 1
        assert [(await anext(slow)).number for _ in range(last - 1)] == list(range(2, last + 1))


async def test_a_cursor_beyond_the_end_hides_nothing_from_the_others() -> None:
    feed = ToyFeed()
    shared = SharedFeed(feed, poll_seconds=60)
    feed.tell("Made")
    early = asyncio.create_task(numbers(shared, feed, 1, after="999"))
    await feed.reads.get()
    other = asyncio.create_task(numbers(shared, feed, 2))
    for _ in range(2):
        await feed.reads.get()
    feed.tell("Changed")
    assert await other == [1, 2]
    early.cancel()


async def test_another_workspace_never_shares_a_ring() -> None:
    feed = ToyFeed()
    shared = SharedFeed(feed, poll_seconds=60)
    feed.tell("Made")
    theirs = Stream(THING.kind, THING.id, WorkspaceId(THINGS[1]))
    async with aclosing(shared.follow(stream_source(feed, THING), after="")) as mine:
        await anext(mine)
        waiting = asyncio.ensure_future(anext(shared.follow(stream_source(feed, theirs), after="")))
        assert not (await asyncio.wait([waiting], timeout=0.05))[0]
        waiting.cancel()


async def test_a_feed_that_breaks_by_a_bug_ends_its_readers_rather_than_keep_them_waiting() -> None:
    feed = ToyFeed()
    feed.bug = ValueError("No word of this version.")
    async with asyncio.timeout(5):
        with pytest.raises(ValueError, match="No word"):
            await take(feed, 1)
