"""Many jobs a transaction: each is claimed and ended under a fence of its own."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bootstrap.clock import new_id
from bootstrap.container import Container
from domain.jobs.models import ClaimedJob, Finish, NewJob, Queue
from jobs.asking import Taking
from jobs.context import JobContext
from jobs.finishing import Finishing
from jobs.registry import Registry
from jobs.runner import Runner
from tests.builders_jobs import Bench, job, worker
from tests.jobs.conftest import background


async def claim_many(bench: Bench, *jobs: NewJob) -> Sequence[ClaimedJob]:
    await bench.enqueue(*jobs)
    await bench.dispatch(slots=10)
    return await bench.claims.claim_many(worker(), claim_ids=[new_id() for _ in jobs], lease_seconds=60)


def finish(claimed: ClaimedJob) -> Finish:
    return Finish(claimed.fence, claimed.workspace_id, 1.0)


async def two(bench: Bench) -> tuple[NewJob, NewJob]:
    space = await bench.add_workspace()
    return job(space), job(space)


async def test_each_job_of_a_batch_has_its_own_claim(bench: Bench) -> None:
    claimed = await claim_many(bench, *await two(bench))
    assert len({each.fence.claim_id for each in claimed}) == 2


async def test_a_batch_whose_answer_was_lost_is_found_again(bench: Bench) -> None:
    await bench.enqueue(*await two(bench))
    await bench.dispatch(slots=10)
    ids = [new_id(), new_id()]
    first = await bench.claims.claim_many(worker(), claim_ids=ids, lease_seconds=60)
    again = await bench.claims.claim_many(worker(), claim_ids=ids, lease_seconds=60)
    assert {each.fence for each in again} == {each.fence for each in first}


async def test_a_stale_fence_ends_nothing_and_keeps_nobody_else(bench: Bench, container: Container) -> None:
    stale, good = await claim_many(bench, *await two(bench))
    await bench.expire(stale.fence)
    await bench.dispatches.reap(limit=10)
    ended = await bench.claims.finish_many([finish(stale), finish(good)])
    assert list(ended) == [good.id]
    assert await bench.state(stale.id) == "queued"


async def test_a_job_that_others_wait_for_is_left_to_a_finish_of_its_own(bench: Bench, container: Container) -> None:
    first, second = await two(bench)
    (claimed,) = await claim_many(bench, first)
    await bench.enqueue(replace(second, waits_for=(first.id,)))
    assert not await bench.claims.finish_many([finish(claimed)])
    await Finishing(container).finish(claimed, worked_seconds=1.0)
    assert (await bench.state(first.id), await bench.state(second.id)) == ("succeeded", "queued")


async def test_jobs_that_end_together_all_succeed_once(bench: Bench, container: Container) -> None:
    space = await bench.add_workspace()
    claimed = await claim_many(bench, *(job(space) for _ in range(5)))
    finishing = Finishing(container)
    await asyncio.gather(*(finishing.finish(each, worked_seconds=1.0) for each in claimed))
    assert [(await bench.row(each.id)).event_number for each in claimed] == [3] * 5


async def take_many(bench: Bench, *, slots: int = 4) -> Sequence[ClaimedJob]:
    return await bench.claims.take_many(
        worker(slots=slots), claim_ids=[new_id() for _ in range(slots)], lease_seconds=60
    )


async def test_what_is_taken_was_never_dispatched_and_is_told_once(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    await bench.enqueue(new)
    await bench.claims.see(worker(slots=4))
    (taken,) = await take_many(bench)
    row = await bench.row(new.id)
    assert (row.state, row.epoch, row.delivery, row.event_number) == ("running", 1, 1, 2)
    assert (taken.id, taken.payload, taken.fence.claim_id) == (new.id, new.payload, row.claim_id)


async def test_workspaces_take_turns_and_none_exceeds_its_cap(bench: Bench) -> None:
    first, second = await bench.add_workspace(running_max=1), await bench.add_workspace(running_max=2)
    await bench.enqueue(*(job(space) for space in (first, first, second, second, second)))
    await bench.claims.see(worker(slots=4))
    taken = await take_many(bench)
    assert sorted(each.workspace_id for each in taken) == sorted((first, second, second))


async def test_a_job_that_was_lost_twice_is_taken_when_nothing_else_runs(bench: Bench) -> None:
    space = await bench.add_workspace()
    suspect, other = job(space), job(space)
    await bench.enqueue(suspect, other)
    await bench.as_owner("update jobs set lost = 2 where id = :id", id=suspect.id)
    await bench.claims.see(worker(slots=4))
    assert [each.id for each in await take_many(bench)] == [suspect.id]
    assert await take_many(bench) == []


async def test_taking_again_after_a_lost_answer_finds_the_same_jobs(bench: Bench) -> None:
    await bench.enqueue(*await two(bench))
    await bench.claims.see(worker(slots=2))
    ids = [new_id(), new_id()]
    first = await bench.claims.take_many(worker(), claim_ids=ids, lease_seconds=60)
    again = await bench.claims.take_many(worker(), claim_ids=ids, lease_seconds=60)
    assert {each.fence for each in again} == {each.fence for each in first}


async def test_the_process_takes_its_own_jobs_without_a_dispatcher(bench: Bench, registry: Registry) -> None:
    @registry.task("tests.work")
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        return

    hands = worker("taker", queue=Queue.INTERNAL, slots=2)
    runner = Runner(bench.container, registry, worker=hands, lease_seconds=60, ask=Taking(bench.container))
    space = await bench.add_workspace()
    jobs = [job(space, queue=Queue.INTERNAL) for _ in range(5)]
    async with background(runner.ask_for_ever()):
        await bench.enqueue(*jobs)
        rows = [await bench.ended(each.id) for each in jobs]
        await runner.drain(seconds=5)
    assert [(row.state, row.event_number) for row in rows] == [("succeeded", 3)] * 5
