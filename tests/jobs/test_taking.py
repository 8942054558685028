"""Between a claim's commit and its answer: the job is held by a runner that does not know it yet."""

import asyncio
from dataclasses import replace
from uuid import UUID

from adapters.postgres.claims import PostgresClaims
from domain.errors import Unavailable
from domain.identifiers import JobId
from domain.jobs.models import ClaimedJob, Queue, Worker
from jobs.context import JobContext
from jobs.registry import Registry
from tests.builders_jobs import Bench, job
from tests.jobs.conftest import Engine

KIND = "tests.work"


class LateClaims(PostgresClaims):
    """Answers a claim when it is allowed to; `is_lost` drops the first answer that brings a job."""

    def __init__(self, bench: Bench, *, is_lost: bool = False) -> None:
        super().__init__(bench.container.system_database, bench.container.claims.calls)
        self.is_committed = asyncio.Event()
        self.may_answer = asyncio.Event()
        self._is_lost = is_lost

    async def claim(
        self,
        worker: Worker,
        *,
        claim_id: UUID,
        lease_seconds: float,
        job_id: JobId | None = None,
        delivery: int | None = None,
    ) -> ClaimedJob | None:
        claimed = await super().claim(
            worker, claim_id=claim_id, lease_seconds=lease_seconds, job_id=job_id, delivery=delivery
        )
        if claimed is not None and self._is_lost:
            self._is_lost = False
            raise Unavailable("The answer was lost.")
        if claimed is not None:
            self.is_committed.set()
            await self.may_answer.wait()
        return claimed


async def test_a_graceful_stop_waits_for_a_claim_that_is_under_way(bench: Bench, registry: Registry) -> None:
    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        return

    claims = LateClaims(bench)
    engine = Engine(replace(bench.container, claims=claims), registry)
    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    await bench.enqueue(new)
    await bench.dispatch(queue=Queue.INTERNAL)
    taking = asyncio.create_task(engine.runner.take())
    await asyncio.wait_for(claims.is_committed.wait(), 10)
    stopping = asyncio.create_task(engine.runner.drain(seconds=10))
    has_stopped, _ = await asyncio.wait([stopping], timeout=0.5)
    assert not has_stopped
    claims.may_answer.set()
    await asyncio.wait_for(asyncio.gather(taking, stopping), 10)
    row = await bench.row(new.id)
    assert (row.state, row.lost) == ("succeeded", 0)


async def test_a_claim_whose_answer_was_lost_finds_its_job_again(bench: Bench, registry: Registry) -> None:
    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        return

    claims = LateClaims(bench, is_lost=True)
    claims.may_answer.set()
    engine = Engine(replace(bench.container, claims=claims), registry)
    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    async with engine.running():
        await bench.enqueue(new)
        row = await bench.ended(new.id)
    assert (row.state, row.epoch, row.lost) == ("succeeded", 1, 0)
