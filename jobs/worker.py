"""Hears ARQ's hints for the jobs process; a hint says only that there is something to claim."""

import asyncio
import random
import time
from collections.abc import Collection

import structlog

from bootstrap.container import Container
from domain.errors import Unavailable
from domain.jobs.models import Queue
from jobs.runner import Runner

RETRY_SECONDS_MAX = 5.0
# Who has heard for this long meets a new trouble, and comes back as quickly as the first time.
HEARD_SECONDS = 60.0

log = structlog.get_logger()


async def end_tasks(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: redis-py swallows a cancellation that comes while it connects."""
    while waiting := {task for task in tasks if not task.done()}:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting, timeout=0.1)


async def hear_hints_for_ever(services: Container, runner: Runner, *, queue: Queue) -> None:
    """Take each hint as soon as there is a free hand.

    Without Redis it pauses and comes back; the runner asks for work by itself meanwhile.
    """
    failures = 0
    while True:
        began = time.monotonic()
        try:
            await services.deliveries.listen(queue, runner.take)
        except Unavailable as away:
            log.info("hints_away", reason=away.message)
        failures = 0 if time.monotonic() - began > HEARD_SECONDS else failures + 1
        pause = min(RETRY_SECONDS_MAX, 0.2 * 2.0 ** min(failures, 10))
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnects
