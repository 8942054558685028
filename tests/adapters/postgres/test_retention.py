"""What has had its time goes, what is needed stays, and a cursor that would skip something is refused."""

import pytest

from bootstrap.container import Container
from domain.events import CursorExpired, Event, Stream, StreamKind
from domain.identifiers import WorkspaceId
from domain.jobs.models import JobState
from tests.builders_jobs import Bench, job, worker

AGE = "update events set at = at - interval '100 days'"


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


async def told(bench: Bench, workspace_id: WorkspaceId, *, times: int) -> Stream:
    stream = Stream(StreamKind.RENDER, bench.container.new_id(), workspace_id)
    for _ in range(times):
        async with bench.container.work(workspace_id) as work:
            await work.events.append(Event(stream, "RenderMoved"))
    return stream


async def test_ended_jobs_go_with_their_events_and_others_stay(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    old, waiting = job(workspace_id), job(workspace_id)
    await bench.enqueue(old, waiting)
    async with bench.container.work(workspace_id) as work:
        await work.jobs.cancel(old.id, "not wanted")
    assert await bench.dispatches.prune(days=14, limit=10) == 0
    await bench.as_owner("update jobs set finished_at = finished_at - interval '15 days' where finished_at is not null")
    assert await bench.dispatches.prune(days=14, limit=10) == 1
    assert await bench.state(waiting.id) is JobState.QUEUED
    events = await bench.container.feed.read_stream(Stream(StreamKind.JOB, old.id, workspace_id), after=0)
    assert events == []


async def test_a_pass_is_as_short_as_its_limit(bench: Bench) -> None:
    await told(bench, await bench.add_workspace(), times=5)
    await bench.as_owner(AGE)
    passes = [await bench.dispatches.prune_events(days=90, limit=2) for _ in range(4)]
    assert passes == [2, 2, 1, 0]


async def test_a_stream_goes_on_where_it_was_and_refuses_a_cursor_before_the_cut(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    feed, stream = bench.container.feed, await told(bench, workspace_id, times=3)
    await bench.as_owner(AGE + " where number < 3")
    assert await bench.dispatches.prune_events(days=90, limit=10) == 2
    assert [event.number for event in await feed.read_stream(stream, after=0)] == [3]
    assert [event.number for event in await feed.read_stream(stream, after=2)] == [3]
    with pytest.raises(CursorExpired):
        await feed.read_stream(stream, after=1)


async def test_a_feed_refuses_a_cursor_before_the_cut_only(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    feed = bench.container.feed
    await told(bench, workspace_id, times=3)
    first, second, third = await feed.read_workspace(workspace_id, after=None)
    await bench.as_owner(AGE + " where number < 3")
    await bench.dispatches.prune_events(days=90, limit=10)
    with pytest.raises(CursorExpired):
        await feed.read_workspace(workspace_id, after=first.cursor)
    assert await feed.read_workspace(workspace_id, after=second.cursor) == [third]
    assert await feed.read_workspace(workspace_id, after=await feed.newest_cursor(workspace_id)) == []


async def test_what_the_pick_knows_of_idle_workspaces_is_forgotten(bench: Bench) -> None:
    idle, busy = await bench.add_workspace(), await bench.add_workspace()
    await bench.claims.see(worker("gone"))
    await bench.as_owner("update workers set last_seen_at = last_seen_at - interval '2 days'")
    await bench.enqueue(job(idle), job(busy))
    await bench.dispatch(slots=9)
    await bench.as_owner("delete from jobs where workspace_id = (select id from workspaces order by id limit 1)")
    await bench.as_owner("update queue_controls set virtual_time = 1000")
    assert await bench.dispatches.prune_idle(days=1, limit=10) == 4  # a worker, two lanes, one share
    assert await bench.as_owner_answer("select count(*) from workspace_shares") == 1
