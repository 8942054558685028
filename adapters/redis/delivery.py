"""Delivery of job hints through ARQ: JSON, a new id for each delivery, nothing kept; never the truth."""

import json
import secrets
from collections.abc import Sequence
from typing import Protocol

from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix, job_key_prefix, retry_key_prefix
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.errors import Unavailable
from domain.jobs.models import Delivery

FUNCTION = "take"
SENTINEL_KEY = "lab:sentinel"


def queue_name(queue: str) -> str:
    return f"lab:queue:{queue}"


def to_bytes(value: object) -> bytes:
    return json.dumps(value).encode()


class JobIdentity(Protocol):
    """What names one delivery in ARQ."""

    @property
    def job_id(self) -> object: ...

    @property
    def number(self) -> int: ...


def arq_id(delivery: JobIdentity) -> str:
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


class ArqDeliveries:
    """Tells workers through ARQ what they may claim."""

    def __init__(self, url: str) -> None:
        self._pool = open_arq(url)
        self._token = secrets.token_hex(8)

    async def close(self) -> None:
        await self._pool.aclose()

    async def deliver(self, deliveries: Sequence[Delivery]) -> None:
        try:
            for each in deliveries:
                await self._pool.enqueue_job(
                    FUNCTION, str(each.job_id), each.number, _job_id=arq_id(each), _queue_name=queue_name(each.queue)
                )
        except (RedisError, OSError) as away:
            raise Unavailable("Redis does not answer.") from away

    async def withdraw(self, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        try:
            async with self._pool.pipeline(transaction=False) as pipe:
                for each in deliveries:
                    name = arq_id(each)
                    pipe.zrem(queue_name(each.queue), name)
                    pipe.delete(job_key_prefix + name, in_progress_key_prefix + name, retry_key_prefix + name)
                await pipe.execute()
        except (RedisError, OSError) as away:
            raise Unavailable("Redis does not answer.") from away

    async def has_forgotten(self) -> bool:
        """A key that is gone tells of a flush, or of a restart without its log; whoever sets it anew has noticed."""
        try:
            return bool(await self._pool.set(SENTINEL_KEY, self._token, nx=True))
        except (RedisError, OSError) as away:
            raise Unavailable("Redis does not answer.") from away
