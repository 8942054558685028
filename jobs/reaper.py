"""Takes jobs back from workers that have vanished; any number of copies may run."""

import asyncio
import random
import time

import structlog

from bootstrap.container import Container
from domain.errors import Unavailable
from domain.identifiers import JobId
from domain.jobs.models import MOVED_KEYS
from jobs.endings import Endings
from jobs.runner import survives

REAPED_MAX = 100
# What could not be buried is passed over for so long, so that it neither hides the others nor fills the log.
PASSED_OVER_SECONDS = 60.0

log = structlog.get_logger()


class Reaper:
    """Looks every tick for leases that ran out and for jobs that came too late to start."""

    def __init__(self, services: Container, endings: Endings, *, tick_seconds: float = 1.0) -> None:
        self._services = services
        self._endings = endings
        self._tick_seconds = tick_seconds
        self._passed_over: dict[JobId, float] = {}

    async def run_for_ever(self) -> None:
        while True:
            try:
                await self.reap()
            except Unavailable as away:
                log.warning("reaper_waits", reason=away.message)
            await asyncio.sleep(self._tick_seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreads copies

    async def reap(self) -> int:
        """Queue again what was lost, end what was lost too often; answer how many were taken back."""
        lost = await self._services.dispatches.reap(limit=REAPED_MAX)
        if lost:
            self._services.metrics.lost.inc(lost)
            log.warning("jobs_lost", jobs=lost)
        now = time.monotonic()
        self._passed_over = {job_id: until for job_id, until in self._passed_over.items() if until > now}
        doomed = await self._services.dispatches.list_doomed(
            limit=REAPED_MAX, kinds=self._endings.known_kinds, passed_over=list(self._passed_over)
        )
        for job in doomed:
            if await survives(self._endings.bury(job), "job_not_buried", job_id=str(job.id), kind=job.kind):
                log.error("job_set_aside", job_id=str(job.id), kind=job.kind, state=job.state)
            else:
                self._passed_over[job.id] = now + PASSED_OVER_SECONDS
        if lost or doomed:
            await self._services.wakeups.give(MOVED_KEYS)
        return lost + len(doomed)
