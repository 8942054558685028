"""Hints over Redis that there is something to read: a dirty bit for each subscriber, whatever the number of hints."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from adapters.redis.bus import RedisBus

CHANNEL = "lab.hints"


class DirtyBit:
    """One subscriber's memory of hints."""

    def __init__(self) -> None:
        self._is_set = asyncio.Event()

    def set(self) -> None:
        self._is_set.set()

    async def wait(self, timeout_seconds: float) -> bool:
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._is_set.wait()
        except TimeoutError:
            return False
        self._is_set.clear()
        return True


class RedisWakeups:
    """Gives hints and hears them; subscribers in the same process hear at once, with or without Redis."""

    def __init__(self, bus: RedisBus) -> None:
        self._bus = bus
        self._subscribers: dict[str, set[DirtyBit]] = defaultdict(set)
        bus.on(CHANNEL, hear=self._hear, missed=self._wake_everyone)

    async def give(self, keys: Collection[str]) -> None:
        """Wake who waits for any of the keys, here and in other processes."""
        if keys:
            message = "\n".join(sorted(keys)).encode()
            self._hear(message)
            await self._bus.publish(CHANNEL, message)

    @asynccontextmanager
    async def subscribe(self, key: str, *others: str) -> AsyncGenerator[DirtyBit]:
        """One bit for all of the keys."""
        bit, keys = DirtyBit(), (key, *others)
        for each in keys:
            self._subscribers[each].add(bit)
        try:
            yield bit
        finally:
            for each in keys:
                self._subscribers[each].discard(bit)
                if not self._subscribers[each]:
                    del self._subscribers[each]

    def ring(self, key: str) -> None:
        """Wake who waits for the key in this process alone."""
        for bit in self._subscribers.get(key, ()):
            bit.set()

    def _hear(self, message: bytes) -> None:
        for key in message.decode(errors="replace").split("\n"):
            self.ring(key)

    def _wake_everyone(self) -> None:
        for bits in self._subscribers.values():
            for bit in bits:
                bit.set()
