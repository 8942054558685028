"""What the jobs process does every so often, beside the jobs that somebody asked for."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog

from bootstrap.container import Container
from domain.errors import Unavailable
from jobs.batches import in_batches
from jobs.characters import forget_vectors, seek_spaces
from jobs.media import sweep, sweep_bucket, tie
from jobs.renders import forget_unused_steps, remove_leftovers
from jobs.runner import survives
from jobs.storyboards import end_abandoned

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to be done every `every_seconds`, give or take a fifth; harmless when two processes do it."""

    name: str
    every_seconds: float
    run: Callable[[Container], Awaitable[int]]


PRUNED_MAX = 1000
IDLE_DAYS = 1
# A job's end is committed within this, as good as always.
SETTLED_SECONDS = 5.0


async def prune(services: Container) -> int:
    """Forget what has had its time, in many short transactions; answer how many rows went."""
    keep, dispatches = services.settings.retention, services.dispatches
    some = partial(in_batches, at_once=PRUNED_MAX)
    jobs = await some(partial(dispatches.prune, days=keep.jobs_days, limit=PRUNED_MAX))
    events = await some(partial(dispatches.prune_events, days=keep.events_days, limit=PRUNED_MAX))
    idle = await some(partial(dispatches.prune_idle, days=IDLE_DAYS, limit=PRUNED_MAX))
    return jobs + events + idle


async def measure_runs(services: Container) -> int:
    """Learn how long jobs take from those that have ended since; answer how many were looked at."""

    async def some() -> int:
        async with services.system_work() as work:
            return await work.run_times.measure(settled_seconds=SETTLED_SECONDS, limit=PRUNED_MAX)

    return await in_batches(some, at_once=PRUNED_MAX)


CHORES = (
    Chore("sweep", 300.0, sweep),
    Chore("sweep_bucket", 3600.0, sweep_bucket),
    Chore("forget_steps", 3600.0, forget_unused_steps),
    Chore("measure_runs", 15.0, measure_runs),
    Chore("prune", 60.0, prune),
    Chore("end_abandoned_writing", 30.0, end_abandoned),
    Chore("seek_spaces", 60.0, seek_spaces),
    Chore("forget_vectors", 3600.0, forget_vectors),
    Chore("remove_leftovers", 3600.0, remove_leftovers),
)
# Done at the start, and again only until nothing that it needs is away.
TIE = Chore("tie_bucket", 10.0, tie)


async def run_schedule_for_ever(services: Container) -> None:
    """Do each chore in its own rhythm; one that finds a dependency away is done the next time."""
    async with asyncio.TaskGroup() as group:
        group.create_task(begin_with(TIE, services))
        for chore in CHORES:
            group.create_task(repeat(chore, services))


async def begin_with(chore: Chore, services: Container) -> None:
    while True:
        if await is_done(chore, services):
            return
        await asyncio.sleep(chore.every_seconds)


async def repeat(chore: Chore, services: Container) -> None:
    while True:
        await asyncio.sleep(chore.every_seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreads processes
        await is_done(chore, services)


async def is_done(chore: Chore, services: Container) -> bool:
    """Do the chore; False where it has to wait for something that is away."""
    try:
        await survives(chore.run(services), "chore_failed", chore=chore.name)
    except Unavailable as away:
        log.warning("chore_waits", chore=chore.name, reason=away.message)
        return False
    return True
