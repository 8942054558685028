"""Asking for jobs while answers are lost on the way."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from domain.errors import Unavailable
from domain.jobs.models import ClaimedJob, Queue, Worker
from jobs.asking import Asking, Taking
from jobs.context import JobContext
from jobs.registry import Registry
from jobs.runner import Runner
from tests.builders_jobs import Bench, job, worker


class Deaf:
    """Notes with which claim ids it is asked; the first `lost` answers are lost."""

    def __init__(self, *, lost: int) -> None:
        self.asked: list[Sequence[UUID]] = []
        self._lost = lost

    async def __call__(
        self, worker: Worker, *, claim_ids: Sequence[UUID], lease_seconds: float
    ) -> Sequence[ClaimedJob]:
        self.asked.append(list(claim_ids))
        if len(self.asked) <= self._lost:
            raise Unavailable("The answer was lost.")
        return ()


async def test_what_two_lost_answers_may_have_given_is_asked_for_again(bench: Bench) -> None:
    deaf = Deaf(lost=2)
    asking = Asking(bench.container, deaf, lease_seconds=60)
    with pytest.raises(Unavailable):
        await asking.ask(worker(), jobs=2)
    await asking.ask(worker(), jobs=1)
    await asking.ask(worker(), jobs=1)
    first, second, third, fourth = deaf.asked
    assert first == second == third
    assert len(first) == 2
    assert len(fourth) == 1
    assert not set(first) & set(fourth)


async def test_what_lost_answers_gave_is_handed_back_by_a_process_that_stops(bench: Bench, registry: Registry) -> None:
    class Lost(Taking):
        async def __call__(
            self, worker: Worker, *, claim_ids: Sequence[UUID], lease_seconds: float
        ) -> Sequence[ClaimedJob]:
            await super().__call__(worker, claim_ids=claim_ids, lease_seconds=lease_seconds)
            raise Unavailable("The answer was lost.")

    registry.task("tests.work")(nothing)
    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    await bench.enqueue(new)
    hands = worker("runner-1", queue=Queue.INTERNAL)
    runner = Runner(bench.container, registry, worker=hands, lease_seconds=60, ask=Lost(bench.container))
    await bench.claims.see(hands)
    with pytest.raises(Unavailable):
        await runner.take_some()
    given = await bench.row(new.id)
    await runner.drain(seconds=10)
    row = await bench.row(new.id)
    assert given.state == "running"
    assert (row.state, row.attempts, row.lost) == ("queued", 0, 0)


async def nothing(_context: JobContext, _job: ClaimedJob) -> None:
    return
