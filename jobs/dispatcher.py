"""Moves queued jobs into the window of free hands, in fair order, and tells the workers; many copies may run."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress

import structlog

from bootstrap.container import Container
from domain.errors import Unavailable
from domain.jobs.models import DISPATCH_KEY, Delivery, Queue, queue_key

PICKED_MAX = 200
# A delivery that nobody took within this time is made again; workers ask by themselves long before.
DELIVERY_SECONDS = 15.0

log = structlog.get_logger()


class Dispatcher:
    """Picks when it is rung, and every tick in case a ring was lost."""

    def __init__(
        self,
        services: Container,
        *,
        queues: Sequence[Queue] = tuple(Queue),
        tick_seconds: float = 1.0,
        delivery_seconds: float = DELIVERY_SECONDS,
    ) -> None:
        self._services = services
        self._queues = queues
        self._tick_seconds = tick_seconds
        self._delivery_seconds = delivery_seconds
        self._looked_at = 0.0

    async def run_for_ever(self) -> None:
        # What the jobs process does is rung under its queue's key, for those who take it themselves.
        internal = {queue_key(each) for each in self._queues if each is Queue.INTERNAL}
        async with self._services.wakeups.subscribe(DISPATCH_KEY, *internal) as bell:
            while True:
                try:
                    await self._look_after_deliveries()
                    await self.pick()
                except Unavailable as away:
                    log.warning("dispatcher_waits", reason=away.message)
                    await asyncio.sleep(random.uniform(0.2, 1.0))  # noqa: S311 - spreads reconnects
                await bell.wait(self._tick_seconds)

    async def pick(self) -> int:
        """Dispatch what there is room for; answer how many."""
        picked = 0
        for queue in self._queues:
            deliveries = await self._services.dispatches.pick(queue, limit=PICKED_MAX)
            if deliveries:
                picked += len(deliveries)
                # Later deliveries of a job were mostly waited for by nobody's fault here: their lag is not told.
                self._services.metrics.dispatched(queue, (d.waited_seconds for d in deliveries if d.number == 1))
                await self._deliver(queue, deliveries)
        return picked

    async def _deliver(self, queue: Queue, deliveries: Sequence[Delivery]) -> None:
        # Committed before it is told: whoever hears of it finds it.
        await self._services.wakeups.give({queue_key(queue)})
        try:
            await self._services.deliveries.deliver(deliveries)
        except Unavailable:
            log.info("workers_ask", queue=queue, jobs=len(deliveries))

    async def _look_after_deliveries(self) -> None:
        """Make deliveries again that were lost: all of them when Redis has forgotten, else those that are overdue."""
        if time.monotonic() - self._looked_at < self._tick_seconds:
            return
        self._looked_at = time.monotonic()
        has_forgotten = False
        with suppress(Unavailable):
            has_forgotten = await self._services.deliveries.has_forgotten()
        older_seconds = 0.0 if has_forgotten else self._delivery_seconds
        void = await self._services.dispatches.return_deliveries(older_seconds=older_seconds, limit=PICKED_MAX)
        if void:
            log.info("delivered_again", jobs=len(void), has_forgotten=has_forgotten)
            with suppress(Unavailable):
                await self._services.deliveries.withdraw(void)
