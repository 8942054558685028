"""Events are dense and in order in a stream, and a workspace's feed misses none."""

import asyncio
import random

import pytest

from bootstrap.clock import new_id
from bootstrap.container import Container
from domain.errors import Invalid
from domain.events import Event, RecordedEvent, Stream, StreamKind
from domain.identifiers import WorkspaceId
from tests.builders_jobs import Bench, job, names

WRITERS, EVENTS_EACH = 4, 15


@pytest.fixture
async def workspace_id(container: Container) -> WorkspaceId:
    return await Bench(container).add_workspace()


def render_stream(workspace_id: WorkspaceId) -> Stream:
    return Stream(StreamKind.RENDER, new_id(), workspace_id)


async def append(container: Container, stream: Stream, name: str = "ShotFilmed") -> None:
    async with container.work(stream.workspace_id) as work:
        await work.events.append(Event(stream, name, {"by": "a test"}))


async def test_numbers_are_dense_and_ordered_under_concurrent_writers(
    container: Container, workspace_id: WorkspaceId
) -> None:
    stream = render_stream(workspace_id)
    await asyncio.gather(*(append(container, stream) for _ in range(20)))
    events = await container.feed.read_stream(stream, after=0)
    assert [event.number for event in events] == list(range(1, 21))
    assert [event.number for event in await container.feed.read_stream(stream, after=18)] == [19, 20]


async def test_an_event_that_is_rolled_back_leaves_no_gap(container: Container, workspace_id: WorkspaceId) -> None:
    stream = render_stream(workspace_id)

    async def append_and_break() -> None:
        async with container.work(workspace_id) as work:
            await work.events.append(Event(stream, "NeverHappened"))
            raise RuntimeError

    await append(container, stream, "First")
    with pytest.raises(RuntimeError):
        await append_and_break()
    await append(container, stream, "Second")
    events = await container.feed.read_stream(stream, after=0)
    assert [(event.number, event.name) for event in events] == [(1, "First"), (2, "Second")]


async def write_slowly(container: Container, workspace_id: WorkspaceId, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - chosen by the test
    for _ in range(EVENTS_EACH):
        async with container.work(workspace_id) as work:
            await work.events.append(Event(render_stream(workspace_id), "ShotFilmed"))
            await asyncio.sleep(chance.random() / 100)


async def test_a_feed_misses_nothing_while_transactions_overlap(
    container: Container, workspace_id: WorkspaceId
) -> None:
    writers = [asyncio.create_task(write_slowly(container, workspace_id, seed)) for seed in range(WRITERS)]
    seen: list[RecordedEvent] = []
    cursor = None
    while len(seen) < WRITERS * EVENTS_EACH:
        is_last = all(writer.done() for writer in writers)
        events = await container.feed.read_workspace(workspace_id, after=cursor, limit=7)
        seen += events
        cursor = events[-1].cursor if events else cursor
        if is_last and not events:
            break
    await asyncio.gather(*writers)
    assert len(seen) == WRITERS * EVENTS_EACH
    assert len({event.stream.id for event in seen}) == len(seen)


async def test_the_feed_tells_a_stream_in_the_order_of_its_numbers(
    container: Container, workspace_id: WorkspaceId
) -> None:
    stream = render_stream(workspace_id)
    async with container.work(workspace_id) as early:
        # Whoever writes first has the lower transaction, and may still be the last to tell.
        await early.events.append(Event(render_stream(workspace_id), "ShotFilmed"))
        await append(container, stream, "First")
        await early.events.append(Event(stream, "Second"))
    feed = await container.feed.read_workspace(workspace_id, after=None)
    assert [event.name for event in feed if event.stream == stream] == ["First", "Second"]


async def test_the_feed_tells_of_a_cancel_before_the_end_that_came_after_it(
    container: Container, workspace_id: WorkspaceId
) -> None:
    bench, new = Bench(container), job(workspace_id)
    claimed = await bench.start(new)
    async with container.system_work(workspace_id) as work:
        await work.events.append(Event(render_stream(workspace_id), "ShotFilmed"))
        async with container.work(workspace_id) as other:
            await other.jobs.cancel(new.id, "changed my mind")
        await work.held_jobs.finish(claimed.fence, worked_seconds=0.1, result={})
    feed = await container.feed.read_workspace(workspace_id, after=None)
    numbers = [event.number for event in feed if event.stream.id == new.id]
    assert numbers == sorted(numbers)


async def test_the_newest_cursor_shows_only_what_is_to_come(container: Container, workspace_id: WorkspaceId) -> None:
    stream = render_stream(workspace_id)
    await append(container, stream, "Before")
    cursor = await container.feed.newest_cursor(workspace_id)
    await append(container, stream, "After")
    assert names(await container.feed.read_workspace(workspace_id, after=cursor)) == ["After"]


@pytest.mark.parametrize("cursor", ["", "-", "1", "a-b", "1-", "1-2-3", "9" * 30 + "-1", "١-١"])
async def test_a_cursor_that_is_none_is_refused(container: Container, workspace_id: WorkspaceId, cursor: str) -> None:
    with pytest.raises(Invalid):
        await container.feed.read_workspace(workspace_id, after=cursor)


async def test_another_workspace_reads_nothing(container: Container, workspace_id: WorkspaceId) -> None:
    stream = render_stream(workspace_id)
    await append(container, stream)
    stranger = await Bench(container).add_workspace()
    assert await container.feed.read_stream(Stream(stream.kind, stream.id, stranger), after=0) == []
    assert await container.feed.read_workspace(stranger, after=None) == []
