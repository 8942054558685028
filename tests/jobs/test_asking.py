"""Asking for jobs while answers are lost on the way."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from domain.errors import Unavailable
from domain.jobs.models import ClaimedJob, Worker
from jobs.asking import Asking
from tests.builders_jobs import Bench, worker


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


async def test_what_may_be_another_s_by_now_is_not_asked_for_again(bench: Bench) -> None:
    deaf = Deaf(lost=2)
    asking = Asking(bench.container, deaf, lease_seconds=0)
    with pytest.raises(Unavailable):
        await asking.ask(worker(), jobs=1)
    await asking.ask(worker(), jobs=1)
    first, _, third = deaf.asked
    assert first != third
