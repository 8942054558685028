"""How a lease is kept and an attempt halted, where the work or the database does not do as it is told."""

import asyncio
from dataclasses import replace

from adapters.postgres.claims import PostgresClaims
from domain.jobs.models import ClaimedJob, Fence, Heartbeat, Queue
from jobs.context import JobContext
from jobs.registry import Registry
from tests.builders_jobs import LEASE_SECONDS, Bench, job
from tests.jobs.conftest import Engine

KIND = "tests.work"


async def test_work_that_swallows_a_cancel_is_cancelled_again(engine: Engine, registry: Registry, bench: Bench) -> None:
    started, swallowed = asyncio.Event(), asyncio.Event()

    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            swallowed.set()
        await asyncio.Event().wait()

    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    async with engine.running():
        await bench.enqueue(new)
        await asyncio.wait_for(started.wait(), 10)
        async with bench.container.work(new.workspace_id) as work:
            await work.jobs.cancel(new.id, "changed my mind")
        await asyncio.wait_for(swallowed.wait(), 10)
        row = await bench.ended(new.id)
    assert (row.state, row.lost, row.epoch) == ("canceled", 0, 1)


class SilentOnce(PostgresClaims):
    """The first heartbeat is never answered, as over a connection whose other end has vanished."""

    beats = 0

    async def beat(self, fence: Fence, *, lease_seconds: float) -> Heartbeat:
        self.beats += 1
        if self.beats == 1:
            await asyncio.Event().wait()
        return await super().beat(fence, lease_seconds=lease_seconds)


async def test_a_heartbeat_that_is_not_answered_holds_up_no_other(registry: Registry, bench: Bench) -> None:
    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        await asyncio.sleep(3 * LEASE_SECONDS)

    container = bench.container
    claims = SilentOnce(container.system_database, container.claims.calls)
    engine = Engine(replace(container, claims=claims), registry)
    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    async with engine.running():
        await bench.enqueue(new)
        row = await bench.ended(new.id)
    assert (row.state, row.lost, row.epoch) == ("succeeded", 0, 1)
    assert claims.beats > 3


class Slow(PostgresClaims):
    """Every heartbeat takes a while."""

    under_way, most = 0, 0

    async def beat(self, fence: Fence, *, lease_seconds: float) -> Heartbeat:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0.1)
        self.under_way -= 1
        return await super().beat(fence, lease_seconds=lease_seconds)


async def test_many_cancels_of_others_do_not_multiply_heartbeats(registry: Registry, bench: Bench) -> None:
    started = asyncio.Event()

    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        started.set()
        await asyncio.sleep(1)

    container = bench.container
    claims = Slow(container.system_database, container.claims.calls)
    engine = Engine(replace(container, claims=claims), registry)
    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    async with engine.running():
        await bench.enqueue(new)
        await asyncio.wait_for(started.wait(), 10)
        for _ in range(30):
            await container.wakeups.give({"cancels"})
            await asyncio.sleep(0.01)
        assert (await bench.ended(new.id)).state == "succeeded"
    assert 1 <= claims.most <= 2


async def test_only_a_cancel_of_what_runs_rings_those_who_run(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    running, waiting = job(workspace_id), job(workspace_id)
    await bench.start(running)
    await bench.enqueue(waiting)
    async with bench.container.wakeups.subscribe("cancels") as bell:
        for new, is_rung in ((waiting, False), (running, True)):
            async with bench.container.work(workspace_id) as work:
                await work.jobs.cancel(new.id, "changed my mind")
            assert await bell.wait(0.2) is is_rung
