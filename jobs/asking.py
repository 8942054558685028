"""How the jobs process comes by its own jobs: it takes them from the queue, or claims what a dispatcher gave out."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

from bootstrap.container import Container
from domain.errors import Unavailable
from domain.jobs.models import ClaimedJob, Worker
from jobs.endings import Endings

Claimed = TypeVar("Claimed")


class Ask(Protocol):
    """Ask for up to one job a claim id; asked again with the same ids it answers the same jobs."""

    def __call__(
        self, worker: Worker, *, claim_ids: Sequence[UUID], lease_seconds: float
    ) -> Awaitable[Sequence[ClaimedJob]]: ...


class Taking:
    """Pick and claim in one transaction; nobody dispatches the queue, and nobody has to be told."""

    def __init__(self, services: Container) -> None:
        self._services = services

    async def __call__(
        self, worker: Worker, *, claim_ids: Sequence[UUID], lease_seconds: float
    ) -> Sequence[ClaimedJob]:
        jobs = await self._services.claims.take_many(worker, claim_ids=claim_ids, lease_seconds=lease_seconds)
        self._services.metrics.dispatched(worker.queue, (each.waited_seconds for each in jobs))
        return jobs


async def answered(claim: Callable[[], Awaitable[Claimed]]) -> Claimed:
    """Claim, and once more where the answer was lost: the same claim ids find what they got."""
    try:
        return await claim()
    except Unavailable:
        return await claim()


class Asking:
    """Asks for several jobs at once; what a lost answer gave is asked for again, by the same claim ids."""

    def __init__(self, services: Container, ask: Ask, *, lease_seconds: float) -> None:
        self._services = services
        self._ask = ask
        self._lease_seconds = lease_seconds
        self._unanswered: Sequence[UUID] = ()

    async def ask(self, worker: Worker, *, jobs: int) -> Sequence[ClaimedJob]:
        """Ask for that many; what an earlier call got whose answer was lost comes first, and may be more."""
        self._unanswered = self._unanswered or [self._services.new_id() for _ in range(jobs)]
        claim = partial(self._ask, worker, claim_ids=self._unanswered, lease_seconds=self._lease_seconds)
        claimed = await answered(claim)
        self._unanswered = ()
        return claimed

    async def hand_back(self, worker_id: str, endings: Endings) -> None:
        """Have what lost answers gave go back, since this worker takes nothing any more."""
        if self._unanswered:
            await endings.hand_back(worker_id, self._unanswered)
            self._unanswered = ()
