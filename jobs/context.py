"""What a running task may use: fenced transactions, the product's services, the clock."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from bootstrap.container import Container, Work
from domain.events import Json
from domain.jobs.models import ClaimedJob
from failpoints import Point, reach
from jobs.progress import job_progress


class JobContext:
    """One attempt at one job; every transaction that it opens is refused when the job has been given to another."""

    def __init__(self, services: Container, job: ClaimedJob) -> None:
        self.services = services
        self.job = job
        self.is_finished = False
        self._started = time.monotonic()

    def begin(self) -> None:
        """Count the time at work from now on: what was taken ahead has waited for a hand."""
        self._started = time.monotonic()

    def now(self) -> datetime:
        return self.services.now()

    def new_id(self) -> UUID:
        return self.services.new_id()

    @asynccontextmanager
    async def work(self) -> AsyncGenerator[Work]:
        """Open one transaction; its commit raises FenceLost when the job is no longer ours."""
        async with self.services.system_work(self.job.workspace_id) as work:
            yield work
            await work.held_jobs.check(self.job.fence)
        await reach(Point.STEP_BETWEEN, self.job.id, self.job.kind)

    @asynccontextmanager
    async def finishing(self, result: Mapping[str, Json] | None = None) -> AsyncGenerator[Work]:
        """Open the last transaction: what it writes and the job's success are committed together, or neither is."""
        async with self.services.system_work(self.job.workspace_id) as work:
            yield work
            worked_seconds = self.worked_seconds
            await work.held_jobs.finish(self.job.fence, worked_seconds=worked_seconds, result=result or {})
        self.is_finished = True
        self.services.metrics.succeeded(self.job, worked_seconds=worked_seconds)

    @property
    def worked_seconds(self) -> float:
        """How long the attempt has been at work."""
        return time.monotonic() - self._started

    async def report(self, fraction: float) -> None:
        """Tell those who watch the job's subject how far it is; never stored, never fails."""
        if progress := job_progress(self.job, fraction):
            await self.services.progress.publish(progress)
