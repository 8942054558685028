"""One connection a process that hears what other processes publish; it comes back by itself when Redis does."""

import asyncio
import random
import time
from collections.abc import Callable

import structlog
from redis.asyncio import Redis

from adapters.redis.connections import open_redis, translated
from domain.errors import Unavailable

# A process holds one connection that hears and at most these that speak, whatever the number of subscribers.
PUBLISHERS_MAX = 2
RETRY_SECONDS_MAX = 5.0
# A publisher that finds Redis away does not try again for this long: hints must never slow a commit down.
PAUSE_SECONDS = 1.0
# A connection that has been quiet for this long is asked whether it is alive.
QUIET_SECONDS = 10.0

log = structlog.get_logger()


async def end_task(task: asyncio.Task[None]) -> None:
    """Cancel until it has ended: redis-py swallows a cancellation that comes while it connects."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.1)


class RedisBus:
    """Publishes to channels and hears them; a message may be lost, so nobody relies on one.

    `hear` is called for each message of a channel, `missed` after a time in which messages may have been lost.
    """

    def __init__(self, url: str) -> None:
        self._publisher = open_redis(url, timeout_seconds=0.5, connections_max=PUBLISHERS_MAX)
        self._subscriber = open_redis(url)
        self._hear: dict[str, Callable[[bytes], None]] = {}
        self._missed: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._silent_until = 0.0
        self.is_connected = asyncio.Event()

    def on(self, channel: str, *, hear: Callable[[bytes], None], missed: Callable[[], None]) -> None:
        """Register before `start`."""
        self._hear[channel] = hear
        self._missed.append(missed)

    def start(self) -> None:
        self._task = asyncio.create_task(self._listen_for_ever(), name="redis-bus")

    async def close(self) -> None:
        if self._task is not None:
            await end_task(self._task)
        await self._publisher.aclose()
        await self._subscriber.aclose()

    @property
    def redis(self) -> Redis:
        return self._publisher

    @property
    def is_silent(self) -> bool:
        return time.monotonic() < self._silent_until

    async def publish(self, channel: str, message: bytes) -> None:
        """Publish if Redis is there; never raises and never waits long."""
        if self.is_silent:
            return
        try:
            with translated():
                await self._publisher.publish(channel, message)
        except Unavailable:
            self.fell_silent()

    def fell_silent(self) -> None:
        self._silent_until = time.monotonic() + PAUSE_SECONDS

    async def _listen_for_ever(self) -> None:
        failures = 0
        while True:
            try:
                with translated():
                    await self._listen()
            except Unavailable as lost:
                failures = failures + 1 if not self.is_connected.is_set() else 0
                self.is_connected.clear()
                if failures == 0:
                    log.warning("redis_lost", reason=type(lost.__cause__ or lost).__name__)
            pause = min(RETRY_SECONDS_MAX, 0.1 * 2.0 ** min(failures, 10))
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnects

    async def _listen(self) -> None:
        async with self._subscriber.pubsub() as channel:
            await channel.subscribe(*self._hear)
            self._silent_until = 0.0
            self.is_connected.set()
            for missed in self._missed:
                missed()
            is_asked = False
            while True:
                message = await channel.get_message(timeout=QUIET_SECONDS)
                if message is None:
                    if is_asked:
                        raise Unavailable("Redis did not answer a ping.")
                    await channel.ping()
                is_asked = message is None
                if message is not None and message["type"] == "message":
                    self._deliver(message["channel"], message["data"])

    def _deliver(self, channel: object, data: object) -> None:
        if isinstance(channel, bytes) and isinstance(data, bytes):
            try:
                self._hear[channel.decode()](data)
            except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
                # Whoever can write to Redis can write anything, and one message must not make this process deaf.
                log.exception("message_not_read")
