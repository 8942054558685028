"""What nobody sent and who hangs up in between: a Redis that is written to by others, and one that goes."""

import asyncio
import json
import math
import socket
import struct
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest
import uvloop
from redis.asyncio import Redis

from adapters.redis.connections import open_redis, translated
from adapters.redis.delivery import ArqDeliveries
from bootstrap.clock import new_id
from bootstrap.settings import Settings
from contracts.protocol import HINT_FUNCTION, hint_queue_name
from domain.errors import Unavailable
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import Delivery, Queue
from gpu_worker.hints import hear_hints_for_ever
from tests.jobs.conftest import background

LINGER_NOT = struct.pack("ii", 1, 0)
HINT = {"t": None, "f": HINT_FUNCTION, "a": [str(new_id()), 1], "k": {}, "et": 0}
Hear = Callable[[str, Callable[[str], None]], Coroutine[None, None, None]]


async def hear_as_jobs_process(url: str, hear: Callable[[str], None]) -> None:
    deliveries = ArqDeliveries(url)

    async def take(job_id: JobId, _number: int) -> None:
        hear(str(job_id))

    while True:
        await deliveries.listen(Queue.CPU, take)
        await asyncio.sleep(0.05)  # as the jobs process pauses


async def hear_as_worker(url: str, hear: Callable[[str], None]) -> None:
    async def take(_context: dict[object, object], job_id: str, _number: int) -> None:
        hear(job_id)

    await hear_hints_for_ever(url, "cpu", take)


@pytest.mark.parametrize("listen", [hear_as_jobs_process, hear_as_worker])
@pytest.mark.parametrize(
    ("name", "score", "hint"),
    [
        pytest.param(b"\xff\xfe", 1, HINT, id="name-is-no-text"),
        pytest.param(b"forged", -math.inf, HINT, id="time-before-all"),
        pytest.param(b"forged", 1, HINT | {"t": "x"}, id="try-is-no-number"),
        pytest.param(b"forged", 1, HINT | {"et": "x"}, id="time-is-no-number"),
        pytest.param(b"forged", 1, HINT | {"et": 1e300}, id="time-after-all"),
        pytest.param(b"forged", 1, HINT | {"f": [1]}, id="function-is-a-list"),
        pytest.param(b"forged", 1, HINT | {"a": 7}, id="arguments-are-a-number"),
        pytest.param(b"forged", 1, HINT | {"a": ["no UUID", 1e400]}, id="arguments-are-no-delivery"),
        pytest.param(b"forged", 1, [], id="no-hint-at-all"),
    ],
)
async def test_who_hears_hints_survives_what_nobody_sent(
    settings: Settings, listen: Hear, name: bytes, score: float, hint: object
) -> None:
    url, heard = settings.redis.url.get_secret_value(), asyncio.Queue[str]()
    redis, deliveries = Redis.from_url(url), ArqDeliveries(url)
    name += new_id().bytes[-4:].hex().encode()  # ARQ remembers what it has begun
    await redis.set(b"arq:job:" + name, json.dumps(hint))
    await redis.zadd(hint_queue_name(Queue.CPU), {name: score})
    sent = Delivery(JobId(new_id()), 1, Queue.CPU, WorkspaceId(new_id()))
    async with background(listen(url, heard.put_nowait)), asyncio.timeout(20):
        await gone(redis, hint_queue_name(Queue.CPU))
        await deliveries.deliver([sent])
        while await heard.get() != str(sent.job_id):
            pass
        await gone(redis, hint_queue_name(Queue.CPU))  # or ARQ's shielded end of it would outlive the connection
    await deliveries.close()
    await redis.aclose()


async def gone(redis: Redis, key: str) -> None:
    while await redis.exists(key):  # noqa: ASYNC110 - other connections change it
        await asyncio.sleep(0.02)


@asynccontextmanager
async def redis_that_hangs_up() -> AsyncGenerator[str]:
    """A server that greets, watches a key, and is gone; on its own port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while b"WATCH" not in (asked := await reader.read(65536)):
            writer.write(b"+OK\r\n" * asked.count(b"CLIENT"))
        writer.write(b"+OK\r\n")
        await writer.drain()
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        writer.transport.abort()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"


async def ask_who_hangs_up() -> None:
    async with redis_that_hangs_up() as url, open_redis(url) as redis, redis.pipeline() as pipe:
        await pipe.watch("key")
        await asyncio.sleep(0.1)  # until its end is seen, as while other tasks work
        with pytest.raises(Unavailable), translated():
            await pipe.exists("key")


def test_who_hangs_up_between_two_commands_is_away_on_the_loop_of_the_processes() -> None:
    uvloop.run(ask_who_hangs_up())


async def test_our_own_mistakes_are_not_called_an_absence() -> None:
    with pytest.raises(RuntimeError, match="Ours"), translated():
        raise RuntimeError("Ours.")
