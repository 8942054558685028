"""Many jobs a transaction: each is claimed and ended under a fence of its own."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bootstrap.clock import new_id
from bootstrap.container import Container
from domain.jobs.models import ClaimedJob, Finish, NewJob
from jobs.finishing import Finishing
from tests.builders_jobs import Bench, job, worker


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
    async with container.system_work() as work:
        ended = await work.held_jobs.finish_many([finish(stale), finish(good)])
    assert list(ended) == [good.id]
    assert await bench.state(stale.id) == "queued"


async def test_a_job_that_others_wait_for_is_left_to_a_finish_of_its_own(bench: Bench, container: Container) -> None:
    first, second = await two(bench)
    (claimed,) = await claim_many(bench, first)
    await bench.enqueue(replace(second, waits_for=(first.id,)))
    async with container.system_work() as work:
        assert not await work.held_jobs.finish_many([finish(claimed)])
    await Finishing(container).finish(claimed, worked_seconds=1.0)
    assert (await bench.state(first.id), await bench.state(second.id)) == ("succeeded", "queued")


async def test_jobs_that_end_together_all_succeed_once(bench: Bench, container: Container) -> None:
    space = await bench.add_workspace()
    claimed = await claim_many(bench, *(job(space) for _ in range(5)))
    finishing = Finishing(container)
    await asyncio.gather(*(finishing.finish(each, worked_seconds=1.0) for each in claimed))
    assert [(await bench.row(each.id)).event_number for each in claimed] == [3] * 5
