"""What the jobs process does every so often, beside the jobs that somebody asked for."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bootstrap.container import Container
from domain.errors import Unavailable
from jobs.media import sweep, sweep_bucket
from jobs.renders import forget_unused_steps
from jobs.storyboards import end_abandoned

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to be done every `every_seconds`, give or take a fifth; harmless when two processes do it."""

    name: str
    every_seconds: float
    run: Callable[[Container], Awaitable[int]]


PRUNE_DAYS, PRUNED_MAX = 14, 1000


async def prune_jobs(services: Container) -> int:
    """Forget jobs that ended long ago, with what their streams told; answer how many."""
    return await services.dispatches.prune(days=PRUNE_DAYS, limit=PRUNED_MAX)


CHORES = (
    Chore("sweep", 300.0, sweep),
    Chore("sweep_bucket", 3600.0, sweep_bucket),
    Chore("forget_steps", 3600.0, forget_unused_steps),
    Chore("prune_jobs", 60.0, prune_jobs),
    Chore("end_abandoned_writing", 30.0, end_abandoned),
)


async def run_schedule_for_ever(services: Container) -> None:
    """Do each chore in its own rhythm; one that finds a dependency away is done the next time."""
    async with asyncio.TaskGroup() as group:
        for chore in CHORES:
            group.create_task(_repeat(chore, services))


async def _repeat(chore: Chore, services: Container) -> None:
    while True:
        await asyncio.sleep(chore.every_seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreads processes
        try:
            await chore.run(services)
        except Unavailable as away:
            log.warning("chore_waits", chore=chore.name, reason=away.message)
