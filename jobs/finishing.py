"""Ends jobs that leave nothing but their success: those that end while one commit is under way share the next."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

from bootstrap.container import Container
from domain.identifiers import JobId
from domain.jobs.models import ClaimedJob, Finish

BATCH_MAX = 64


@dataclass(slots=True)
class Batch:
    """What shares one transaction; whoever opened it commits it for all."""

    finishes: list[Finish] = field(default_factory=list[Finish])
    done: Collection[JobId] = ()
    has_ended: asyncio.Event = field(default_factory=asyncio.Event)


class Finishing:
    """No job waits for company: the first commits at once, and only the disk makes the next ones share."""

    def __init__(self, services: Container) -> None:
        self._services = services
        self._committing = asyncio.Lock()
        self._open: Batch | None = None

    async def finish(self, job: ClaimedJob, *, worked_seconds: float) -> None:
        """End the job with success; raises FenceLost."""
        finish = Finish(job.fence, job.workspace_id, worked_seconds)
        batch = self._open
        if batch is None or len(batch.finishes) >= BATCH_MAX:
            batch = self._open = Batch([finish])
            await self._commit(batch)
        else:
            batch.finishes.append(finish)
            await batch.has_ended.wait()
        if job.id not in batch.done:
            # The shared transaction failed, or the job's end concerns others, or its fence is stale.
            async with self._services.system_work(job.workspace_id) as work:
                await work.held_jobs.finish(job.fence, worked_seconds=worked_seconds, result={})

    async def _commit(self, batch: Batch) -> None:
        try:
            async with self._committing:
                if self._open is batch:
                    self._open = None
                async with self._services.system_work() as work:
                    done = await work.held_jobs.finish_many(batch.finishes)
                batch.done = done
        finally:
            if self._open is batch:
                self._open = None
            batch.has_ended.set()
