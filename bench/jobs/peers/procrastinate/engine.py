"""procrastinate: its asynchronous worker on psycopg, woken by LISTEN; its guide's task that retries stalled jobs."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import procrastinate
from driver import Job, Send, handle, run

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=os.environ["BENCH_POSTGRES"]))


@app.task(name="work")
async def work_on(job: Job) -> None:
    await handle(job)


@app.periodic(cron="*/5 * * * * *")
@app.task(name="retry_stalled", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(_context: procrastinate.JobContext, **_periodic: int) -> None:
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=10):
        await app.job_manager.retry_job(job)


async def install() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


@asynccontextmanager
async def sender() -> AsyncGenerator[Send]:
    async with app.open_async():

        async def send(jobs: list[Job]) -> None:
            urgency = work_on.configure(priority=-jobs[0]["priority"])
            await urgency.batch_defer_async(*({"job": job} for job in jobs))

        yield send


async def serve() -> None:
    async with app.open_async():
        await app.run_worker_async(
            concurrency=int(os.environ["BENCH_CONCURRENCY"]), update_heartbeat_interval=3, stalled_worker_timeout=10
        )


if __name__ == "__main__":
    run(install=lambda: asyncio.run(install()), sender=sender, work=lambda: asyncio.run(serve()))
