"""Connections to Redis, and what is made of their errors."""

from collections.abc import Generator
from contextlib import contextmanager

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.errors import Unavailable

CLIENT_NAME = "lab-bus"
# How uvloop refuses to write where the server has gone; asyncio's own loop says nothing, and redis-py expects that.
CLOSED = "the handler is closed"


@contextmanager
def translated() -> Generator[None]:
    """Raise Unavailable where Redis does not answer, refuses, or goes between a command's writes."""
    try:
        yield
    except (RedisError, OSError) as away:
        raise Unavailable("Redis does not answer.") from away
    except RuntimeError as closed:
        if CLOSED not in str(closed):
            raise
        raise Unavailable("The connection to Redis was lost.") from closed


def open_redis(url: str, *, timeout_seconds: float = 2.0, connections_max: int = 1) -> Redis:
    """Connect lazily, with timeouts on everything and no retries of its own; callers queue for few connections."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections_max,
        timeout=timeout_seconds,
        client_name=CLIENT_NAME,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )
    return Redis.from_pool(pool)
