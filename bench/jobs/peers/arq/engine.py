"""arq: its worker as its documentation starts one; the poll is a setting of the row."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from arq import create_pool
from arq.connections import RedisSettings
from arq.worker import run_worker
from driver import Job, Send, handle, run

REDIS = RedisSettings.from_dsn(os.environ["BENCH_REDIS"])


async def work_on(_context: dict, job: Job) -> None:
    await handle(job)


class WorkerSettings:
    """What arq reads."""

    functions = (work_on,)
    redis_settings = REDIS
    max_jobs = int(os.environ["BENCH_CONCURRENCY"])
    poll_delay = float(os.environ["ARQ_POLL"])
    job_timeout = 12
    keep_result = 0


@asynccontextmanager
async def sender() -> AsyncGenerator[Send]:
    pool = await create_pool(REDIS)

    async def send(jobs: list[Job]) -> None:
        for job in jobs:
            await pool.enqueue_job("work_on", job)

    yield send
    await pool.aclose()


if __name__ == "__main__":
    run(install=lambda: None, sender=sender, work=lambda: run_worker(WorkerSettings))
