"""One look at the queues a second, however many ask."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from domain.jobs.models import Queue
from domain.jobs.queue_look import QueueLook

KEPT_SECONDS = 1.0


class SharedQueueLooks:
    """Keeps the latest look of a process for a second; whoever comes during a look waits for that one."""

    def __init__(
        self, look: Callable[[], Awaitable[Mapping[Queue, QueueLook]]], *, kept_seconds: float = KEPT_SECONDS
    ) -> None:
        self._look = look
        self._kept_seconds = kept_seconds
        self._kept: Mapping[Queue, QueueLook] = {}
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    async def latest(self) -> Mapping[Queue, QueueLook]:
        async with self._looking:
            if time.monotonic() - self._looked_at >= self._kept_seconds:
                self._kept = await self._look()
                self._looked_at = time.monotonic()
            return self._kept
