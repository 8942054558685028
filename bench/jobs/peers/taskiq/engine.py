"""taskiq: its Redis stream broker, its command line with one process."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from driver import Job, Send, handle, run
from taskiq_redis import RedisStreamBroker

broker = RedisStreamBroker(os.environ["BENCH_REDIS"], idle_timeout=12_000, unacknowledged_lock_timeout=10)


@broker.task(task_name="work")
async def work_on(job: Job) -> None:
    await handle(job)


@asynccontextmanager
async def sender() -> AsyncGenerator[Send]:
    await broker.startup()

    async def send(jobs: list[Job]) -> None:
        for job in jobs:
            await work_on.kiq(job)

    yield send
    await broker.shutdown()


def work() -> None:
    concurrency = os.environ["BENCH_CONCURRENCY"]
    options = ["--workers", "1", "--max-async-tasks", concurrency, "--app-dir", str(Path(__file__).parent)]
    os.execv(sys.executable, [sys.executable, "-m", "taskiq", "worker", "engine:broker", *options])


if __name__ == "__main__":
    run(install=lambda: None, sender=sender, work=work)
