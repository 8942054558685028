"""saq: its worker with its own timers, jobs sent side by side as its `map` sends them."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from driver import Job, Send, handle, run
from saq import Queue, Worker

REDIS = os.environ["BENCH_REDIS"]
KEPT = {"timeout": 12, "retries": 3, "ttl": -1}


async def work_on(_context: dict, *, job: Job) -> None:
    await handle(job)


@asynccontextmanager
async def sender() -> AsyncGenerator[Send]:
    queue = Queue.from_url(REDIS)

    async def send(jobs: list[Job]) -> None:
        await asyncio.gather(*(queue.enqueue("work_on", job=job, **KEPT) for job in jobs))

    yield send
    await queue.disconnect()


async def serve() -> None:
    queue = Queue.from_url(REDIS)
    concurrency = int(os.environ["BENCH_CONCURRENCY"])
    await Worker(queue, [work_on], concurrency=concurrency, timers={"sweep": 5}).start()


if __name__ == "__main__":
    run(install=lambda: None, sender=sender, work=lambda: asyncio.run(serve()))
