"""Takes jobs back from workers that have vanished; any number of copies may run."""

import asyncio
import random

import structlog

from bootstrap.container import Container
from domain.errors import Unavailable
from domain.jobs.models import MOVED_KEYS
from jobs.endings import Endings
from jobs.runner import survives

REAPED_MAX = 100

log = structlog.get_logger()


class Reaper:
    """Looks every tick for leases that ran out and for jobs that came too late to start."""

    def __init__(self, services: Container, endings: Endings, *, tick_seconds: float = 1.0) -> None:
        self._services = services
        self._endings = endings
        self._tick_seconds = tick_seconds

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
        doomed = await self._services.dispatches.list_doomed(limit=REAPED_MAX)
        for job in doomed:
            if not self._endings.knows(job.kind):
                continue
            if await survives(self._endings.bury(job), job_id=str(job.id), kind=job.kind):
                log.error("job_set_aside", job_id=str(job.id), kind=job.kind, state=job.state)
        if lost or doomed:
            await self._services.wakeups.give(MOVED_KEYS)
        return lost + len(doomed)
