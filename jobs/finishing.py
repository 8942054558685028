"""Ends jobs that leave nothing but their success: those that end while one commit is under way share the next."""

import asyncio
from collections.abc import Collection
from typing import TypeAlias

import structlog

from bootstrap.container import Container
from domain.errors import Unavailable
from domain.events import StreamKind, stream_key, workspace_key
from domain.identifiers import JobId
from domain.jobs.models import ClaimedJob, Finish

BATCH_MAX = 64
Batch: TypeAlias = list[tuple[Finish, asyncio.Future[bool]]]

log = structlog.get_logger()


class Finishing:
    """No job waits for company: the first commits at once, and only the disk makes the next ones share."""

    def __init__(self, services: Container) -> None:
        self._services = services
        self._waiting: Batch = []
        self._committing: asyncio.Task[None] | None = None

    async def finish(self, job: ClaimedJob, *, worked_seconds: float) -> None:
        """End the job with success; raises FenceLost."""
        has_ended = asyncio.get_running_loop().create_future()
        self._waiting.append((Finish(job.fence, job.workspace_id, worked_seconds), has_ended))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())
        if not await has_ended:
            # The shared transaction failed, or the job's end concerns others, or its fence is stale.
            async with self._services.system_work(job.workspace_id) as work:
                await work.held_jobs.finish(job.fence, worked_seconds=worked_seconds, result={})

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
                await self._commit(batch)
        finally:
            tell(self._waiting, ())
            self._waiting = []

    async def _commit(self, batch: Batch) -> None:
        done: Collection[JobId] = ()
        try:
            done = await self._services.claims.finish_many([finish for finish, _ in batch])
        except Unavailable:
            log.info("finished_one_by_one", jobs=len(batch))
        finally:
            tell(batch, done)
        hints = {stream_key(StreamKind.JOB, job_id) for job_id in done}
        hints |= {workspace_key(finish.workspace_id) for finish, _ in batch}
        await self._services.wakeups.give(hints)


def tell(batch: Batch, done: Collection[JobId]) -> None:
    """Let each know whether it has ended with the others."""
    for finish, has_ended in batch:
        if not has_ended.done():
            has_ended.set_result(finish.fence.job_id in done)
