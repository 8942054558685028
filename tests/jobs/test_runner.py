"""Jobs of the jobs process, from their enqueue to their end, by the real dispatcher, reaper and runner."""

import asyncio

from domain.errors import Invalid, Unavailable
from domain.identifiers import JobId
from domain.jobs.models import ClaimedJob, EndedJob, Queue
from jobs.context import JobContext
from jobs.registry import Registry
from tests.builders_jobs import Bench, job
from tests.jobs.conftest import Engine

KIND = "tests.work"


async def test_a_chain_of_jobs_runs_to_its_end(engine: Engine, registry: Registry, bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    links = [job(workspace_id, queue=Queue.INTERNAL, payload={"link": number}) for number in range(5)]

    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        number = claimed.payload["link"]
        assert isinstance(number, int)
        async with context.finishing({"link": number}) as work:
            if number + 1 < len(links):
                await work.jobs.enqueue(links[number + 1])

    async with engine.running():
        await bench.enqueue(links[0])
        for link in links:
            row = await bench.ended(link.id)
            assert (row.state, row.result, row.epoch) == ("succeeded", link.payload, 1)


async def test_a_task_that_just_returns_has_finished(engine: Engine, registry: Registry, bench: Bench) -> None:
    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        async with context.work() as work:
            assert await work.held_jobs.is_held(claimed.fence)

    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    async with engine.running():
        await bench.enqueue(new)
        assert (await bench.ended(new.id)).state == "succeeded"


async def test_a_refusal_fails_the_job_and_tells_its_slice(engine: Engine, registry: Registry, bench: Bench) -> None:
    told: list[EndedJob] = []

    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        raise Invalid("The picture is empty.")

    @registry.on_failed(KIND)
    async def failed(work: object, ended: EndedJob, now: object) -> None:
        told.append(ended)

    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    async with engine.running():
        await bench.enqueue(new)
        row = await bench.ended(new.id)
    assert (row.state, row.error_code, row.attempts) == ("failed", "INVALID", 1)
    assert [(each.id, each.failure_message) for each in told] == [(new.id, "The picture is empty.")]


async def test_a_dependency_that_is_away_is_waited_for(engine: Engine, registry: Registry, bench: Bench) -> None:
    tried = asyncio.Event()

    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        tried.set()
        raise Unavailable("The store is away.")

    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    async with engine.running():
        await bench.enqueue(new)
        await asyncio.wait_for(tried.wait(), 10)
    row = await bench.row(new.id)
    assert row.state in {"queued", "running"}


async def test_a_cancelled_task_stops_at_once_and_ends_cancelled(
    engine: Engine, registry: Registry, bench: Bench
) -> None:
    started: asyncio.Future[JobId] = asyncio.get_running_loop().create_future()

    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        started.set_result(claimed.id)
        await asyncio.Event().wait()

    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    async with engine.running():
        await bench.enqueue(new)
        await asyncio.wait_for(started, 10)
        async with bench.container.work(new.workspace_id) as work:
            await work.jobs.cancel(new.id, "changed my mind")
        assert (await bench.ended(new.id)).state == "canceled"


async def test_a_graceful_stop_hands_the_job_back(engine: Engine, registry: Registry, bench: Bench) -> None:
    started = asyncio.Event()

    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        started.set()
        await asyncio.Event().wait()

    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    async with engine.running():
        await bench.enqueue(new)
        await asyncio.wait_for(started.wait(), 10)
    row = await bench.row(new.id)
    assert (row.state, row.attempts, row.lost) in {("queued", 0, 0), ("dispatched", 0, 0)}


async def test_a_lost_attempt_cannot_write_and_the_next_one_finishes(
    engine: Engine, registry: Registry, bench: Bench
) -> None:
    epochs: list[int] = []

    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        epochs.append(claimed.fence.epoch)
        if claimed.fence.epoch == 1:
            await bench.expire(claimed.fence)
            await engine.reaper.reap()
        async with context.finishing({"epoch": claimed.fence.epoch}):
            pass

    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    async with engine.running():
        await bench.enqueue(new)
        row = await bench.ended(new.id)
    assert (row.result, row.lost, epochs) == ({"epoch": 2}, 1, [1, 2])
