"""The fair pick: window, caps, shares and priorities hold whoever picks and whatever arrives."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from bootstrap.container import Container
from domain.jobs.models import ClaimedJob, Priority
from tests.builders_jobs import Bench, job, worker


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


async def finish(bench: Bench, claimed: ClaimedJob, *, worked_seconds: float = 5.0) -> None:
    async with bench.container.system_work(claimed.workspace_id) as work:
        await work.held_jobs.finish(claimed.fence, worked_seconds=worked_seconds, result={})


async def test_nothing_is_dispatched_while_no_worker_is_there(bench: Bench) -> None:
    await bench.enqueue(job(await bench.add_workspace()))
    assert await bench.dispatches.pick(worker().queue, limit=10) == []


async def test_the_window_is_what_the_workers_can_hold(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    await bench.enqueue(*(job(workspace_id) for _ in range(6)))
    assert len(await bench.dispatch(slots=4)) == 4
    assert await bench.dispatch(slots=4) == []


async def test_a_workspace_never_exceeds_its_cap(bench: Bench) -> None:
    workspace_id = await bench.add_workspace(running_max=2)
    await bench.enqueue(*(job(workspace_id) for _ in range(6)))
    assert len(await bench.dispatch(slots=10)) == 2


async def test_priority_orders_one_workspace_and_age_breaks_ties(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    bulk, first, second, urgent = (
        job(workspace_id, priority=priority)
        for priority in (Priority.BULK, Priority.NORMAL, Priority.NORMAL, Priority.INTERACTIVE)
    )
    await bench.enqueue(bulk, first, second, urgent)
    assert await bench.dispatch(slots=10) == [urgent.id, first.id, second.id, bulk.id]


async def test_an_old_job_is_not_starved_by_urgent_ones(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    old = job(workspace_id, priority=Priority.BULK)
    await bench.enqueue(old)
    await bench.as_owner("update jobs set created_at = created_at - interval '4 hours' where id = :id", id=old.id)
    await bench.enqueue(*(job(workspace_id, priority=Priority.INTERACTIVE) for _ in range(3)))
    assert await bench.dispatch(slots=1) == [old.id]


async def test_a_flood_of_one_workspace_does_not_delay_another(bench: Bench) -> None:
    flooding, quiet = await bench.add_workspace(), await bench.add_workspace()
    await bench.enqueue(*(job(flooding) for _ in range(8)))
    single = job(quiet)
    await bench.enqueue(single)
    assert single.id in await bench.dispatch(slots=2)


async def test_shares_follow_the_weights(bench: Bench) -> None:
    light, heavy = await bench.add_workspace(weight=1), await bench.add_workspace(weight=3)
    await bench.enqueue(*(job(each) for each in (light, heavy) for _ in range(8)))
    served: list[object] = []
    for _ in range(8):
        await bench.dispatch(slots=1)
        claimed = await bench.claim()
        assert claimed is not None
        served.append(claimed.workspace_id)
        await finish(bench, claimed)
    assert (served.count(light), served.count(heavy)) == (2, 6)


async def test_a_workspace_back_from_idleness_has_hoarded_no_credit(bench: Bench) -> None:
    busy, idle = await bench.add_workspace(), await bench.add_workspace()
    await bench.enqueue(*(job(busy) for _ in range(10)))
    for _ in range(5):
        await bench.dispatch(slots=1)
        claimed = await bench.claim()
        assert claimed is not None
        await finish(bench, claimed)
    await bench.enqueue(*(job(idle) for _ in range(10)))
    picked = set(await bench.dispatch(slots=4))
    rows = [await bench.row(job_id) for job_id in picked]
    assert sorted([row.workspace_id for row in rows].count(each) for each in (busy, idle)) == [2, 2]


async def test_window_and_cap_hold_while_many_pick_and_jobs_arrive(bench: Bench) -> None:
    spaces = [await bench.add_workspace(running_max=4) for _ in range(4)]
    await bench.claims.see(worker("hands", slots=10))

    async def submit() -> None:
        for _ in range(4):
            await bench.enqueue(*(job(each) for each in spaces))

    async def pick() -> None:
        for _ in range(8):
            await bench.dispatches.pick(worker().queue, limit=100)

    await asyncio.gather(submit(), pick(), pick(), pick())
    await bench.dispatches.pick(worker().queue, limit=100)
    async with bench.container.system_work() as work:
        dispatched = text("select count(*) from jobs where state = 'dispatched' group by workspace_id")
        counts = (await work.session.scalars(dispatched)).all()
    assert sum(counts) == 10
    assert max(counts) <= 4


async def test_a_paused_queue_gives_nothing_out(bench: Bench) -> None:
    await bench.enqueue(job(await bench.add_workspace()))
    await bench.as_owner("update queue_controls set is_paused = true")
    assert await bench.dispatch() == []


async def test_a_job_waits_for_a_worker_that_knows_its_engine(bench: Bench) -> None:
    new = job(await bench.add_workspace(), payload={"command": {"engine": "diffusion", "version": 1}})
    await bench.enqueue(new)
    assert await bench.dispatch() == []
    able = worker("able", engines=["diffusion"])
    await bench.claims.see(able)
    assert [each.job_id for each in await bench.dispatches.pick(able.queue, limit=10)] == [new.id]
    assert await bench.claim(worker("unable")) is None
    assert await bench.claim(able) is not None


async def test_a_command_waits_for_one_worker_that_knows_its_engine_in_its_version(bench: Bench) -> None:
    new = job(await bench.add_workspace(), payload={"command": {"engine": "diffusion", "version": 2}})
    await bench.enqueue(new)
    await bench.claims.see(worker("old", engines=["diffusion"]))
    await bench.claims.see(replace(worker("other", engines=["animatic"]), command_version=2))
    assert await bench.dispatches.pick(new.queue, limit=10) == []
    await bench.claims.see(replace(worker("new", engines=["diffusion"]), command_version=2))
    assert [each.job_id for each in await bench.dispatches.pick(new.queue, limit=10)] == [new.id]


async def test_a_workspace_is_charged_for_what_was_worked_however_often_it_was_delivered(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    await bench.enqueue(new)
    await bench.dispatch()
    await bench.dispatches.return_deliveries(older_seconds=0, limit=10)
    await bench.dispatch()
    released = await bench.claim()
    assert released is not None
    async with bench.container.system_work(new.workspace_id) as work:
        await work.held_jobs.release(released.fence)
    await bench.dispatch()
    claimed = await bench.claim()
    assert claimed is not None
    await finish(bench, claimed, worked_seconds=3.0)
    async with bench.container.system_work() as work:
        share = text("select virtual_time from workspace_shares where workspace_id = :id")
        assert await work.session.scalar(share, {"id": new.workspace_id}) == 3.0
