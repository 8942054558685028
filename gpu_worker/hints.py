"""Hears ARQ's hints; one that is lost, late or forged costs no more than a look."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import structlog
from arq.connections import ArqRedis
from arq.worker import Worker as ArqWorker
from arq.worker import func
from redis.exceptions import RedisError

from contracts import protocol
from gpu_worker.client import pause_seconds

# What ARQ raises over bytes that are no hints: whoever can write to Redis can write anything.
UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError)
# Who has heard for this long meets a new trouble, and comes back as quickly as the first time.
HEARD_SECONDS = 60.0

log = structlog.get_logger()


async def hear_hints_for_ever(url: str, queue: str, take: Callable[..., Awaitable[None]]) -> None:
    """Hear hints while Redis is there, and come back when it is again; what ARQ cannot read is thrown away."""
    failures = 0
    while True:
        began = time.monotonic()
        try:
            async with ArqRedis.from_url(url, socket_timeout=5.0, socket_connect_timeout=5.0) as pool:
                await hear_hints(pool, queue, take)
        except (RedisError, OSError) as away:
            log.info("hints_away", reason=type(away).__name__)
        failures = 0 if time.monotonic() - began > HEARD_SECONDS else failures + 1
        await asyncio.sleep(pause_seconds(failures))


async def hear_hints(pool: ArqRedis, queue: str, take: Callable[..., Awaitable[None]]) -> None:
    """Run until Redis is lost, or until bytes come that ARQ cannot read: they go, and the hints among them."""
    try:
        await run_to_the_end(hint_worker(pool, queue, take))
    except UNREADABLE:
        log.exception("hints_unreadable", queue=queue)
        await pool.delete(protocol.hint_queue_name(queue))


def hint_worker(pool: ArqRedis, queue: str, take: Callable[..., Awaitable[None]]) -> ArqWorker:
    """An ARQ worker that only hears hints, as JSON; none of ARQ's retries, results, time limits or crons."""
    return ArqWorker(
        functions=[func(take, name=protocol.HINT_FUNCTION)],  # pyright: ignore[reportArgumentType]
        queue_name=protocol.hint_queue_name(queue),
        redis_pool=pool,
        job_serializer=lambda value: json.dumps(value).encode(),
        job_deserializer=json.loads,
        max_jobs=1,
        max_tries=1,
        retry_jobs=False,
        keep_result=0,
        job_timeout=24 * 3600,
        poll_delay=0.1,
        queue_read_limit=1000,
        health_check_interval=15,
        allow_abort_jobs=False,
        handle_signals=False,
        log_results=False,
    )


async def run_to_the_end(worker: ArqWorker) -> None:
    """Run until it breaks or is cancelled, and leave no task of ARQ's behind."""
    try:
        await worker.async_run()
    finally:
        tasks = list(worker.tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
