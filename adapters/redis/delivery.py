"""Delivery of job hints through ARQ: JSON, a new id for each delivery, nothing kept; never the truth."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from uuid import UUID

import structlog
from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix, job_key_prefix, retry_key_prefix
from arq.jobs import serialize_job
from arq.utils import timestamp_ms
from arq.worker import Worker, func
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from adapters.redis.connections import translated
from contracts.protocol import HINT_FUNCTION, hint_queue_name
from domain.errors import Unavailable
from domain.identifiers import JobId
from domain.jobs.models import Delivery, Queue
from failpoints import Point, reach

SENTINEL_KEY = "lab:sentinel"
# A hint waits half of this on average; an idle listener costs five commands a poll.
POLL_SECONDS = 0.04
# Longer than any delivery lasts before it is made again. Where no worker listens, nobody else takes hints away.
HINT_MS = 2 * 3600 * 1000
# What ARQ raises over bytes that are no hints: whoever can write to Redis can write anything.
UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError)

log = structlog.get_logger()


def to_bytes(value: object) -> bytes:
    return json.dumps(value).encode()


def arq_id(delivery: Delivery) -> str:
    return f"{delivery.job_id}.{delivery.number}"


def open_arq(url: str, *, timeout_seconds: float = 2.0) -> ArqRedis:
    """Connect lazily; JSON on both ends, because pickle is remote code execution for whoever can write to Redis."""
    pool = ArqRedis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
    )
    pool.job_serializer = to_bytes
    pool.job_deserializer = json.loads
    return pool


def hint_worker(pool: ArqRedis, queue: str, take: Callable[..., Awaitable[None]]) -> Worker:
    """An ARQ worker that only hears hints: none of ARQ's own retries, results, time limits or crons."""
    return Worker(
        functions=[func(take, name=HINT_FUNCTION)],  # pyright: ignore[reportArgumentType] - ARQ's own loose protocol
        queue_name=hint_queue_name(queue),
        redis_pool=pool,
        job_serializer=to_bytes,
        job_deserializer=json.loads,
        max_jobs=1,
        max_tries=1,
        retry_jobs=False,
        keep_result=0,
        job_timeout=24 * 3600,
        poll_delay=POLL_SECONDS,
        queue_read_limit=1000,
        health_check_interval=15,
        allow_abort_jobs=False,
        handle_signals=False,
        log_results=False,
    )


async def run_to_the_end(worker: Worker) -> None:
    """Run until cancelled or until Redis is lost, and leave no task of ARQ's behind."""
    try:
        await worker.async_run()
    finally:
        tasks = list(worker.tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class ArqDeliveries:
    """Tells workers through ARQ what they may claim."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool = open_arq(url)
        self._token = secrets.token_hex(8)

    async def close(self) -> None:
        await self._pool.aclose()

    async def deliver(self, deliveries: Sequence[Delivery]) -> None:
        with translated():
            # What `enqueue_job` writes, without its look for the same id before: every delivery has a new one.
            async with self._pool.pipeline(transaction=True) as pipe:
                for each in deliveries:
                    at = timestamp_ms()
                    hint = serialize_job(
                        HINT_FUNCTION, (str(each.job_id), each.number), {}, None, at, serializer=to_bytes
                    )
                    pipe.psetex(job_key_prefix + arq_id(each), HINT_MS, hint)
                    pipe.zadd(hint_queue_name(each.queue), {arq_id(each): at})
                for queue in {each.queue for each in deliveries}:
                    pipe.zremrangebyscore(hint_queue_name(queue), "-inf", timestamp_ms() - HINT_MS)
                await pipe.execute()
            for each in deliveries:
                await reach(Point.HINT_SENT, each.job_id)

    async def withdraw(self, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        with translated():
            async with self._pool.pipeline(transaction=False) as pipe:
                for each in deliveries:
                    name = arq_id(each)
                    pipe.zrem(hint_queue_name(each.queue), name)
                    pipe.delete(job_key_prefix + name, in_progress_key_prefix + name, retry_key_prefix + name)
                await pipe.execute()

    async def listen(self, queue: Queue, take: Callable[[JobId, int], Awaitable[object]]) -> None:
        """Hand over hints one at a time, each when the one before has found a free hand; raises Unavailable.

        Returns when bytes were found that ARQ cannot read: they are thrown away, and what they stood among with them.
        """

        async def take_hint(_context: dict[object, object], job_id: str, number: int) -> None:
            await reach(Point.HINT_HEARD, job_id)
            # Whoever can write to Redis can write anything: what is not a hint is dropped.
            with suppress(ValueError, TypeError, Unavailable):
                await take(JobId(UUID(job_id)), int(number))
            await reach(Point.HINT_TAKEN, job_id)

        with translated():
            async with open_arq(self._url) as pool:
                try:
                    await run_to_the_end(hint_worker(pool, queue, take_hint))
                except UNREADABLE:
                    log.exception("hints_unreadable", queue=queue)
                    await pool.delete(hint_queue_name(queue))

    async def has_forgotten(self) -> bool:
        """A key that is gone tells of a flush, or of a restart without its log; whoever sets it anew has noticed."""
        with translated():
            return bool(await self._pool.set(SENTINEL_KEY, self._token, nx=True))
