"""dramatiq: its command line with one process of threads, on its Redis broker, no results."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from driver import Job, Send, handle_in_thread, run

broker = RedisBroker(url=os.environ["BENCH_REDIS"], heartbeat_timeout=10_000, maintenance_chance=10_000)
dramatiq.set_broker(broker)


@dramatiq.actor(actor_name="work")
def work_on(job: Job) -> None:
    handle_in_thread(job)


@asynccontextmanager
async def sender() -> AsyncGenerator[Send]:
    async def send(jobs: list[Job]) -> None:
        for job in jobs:
            work_on.send(job)

    yield send


def work() -> None:
    threads = os.environ["BENCH_CONCURRENCY"]
    options = ["--processes", "1", "--threads", threads, "--path", str(Path(__file__).parent)]
    os.execv(sys.executable, [sys.executable, "-m", "dramatiq", "engine:broker", *options])


if __name__ == "__main__":
    run(install=lambda: None, sender=sender, work=work)
