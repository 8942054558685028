"""procrastinate: its asynchronous worker on psycopg, woken by LISTEN."""

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


async def install() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


@asynccontextmanager
async def sender() -> AsyncGenerator[Send]:
    async with app.open_async():

        async def send(jobs: list[Job]) -> None:
            await work_on.batch_defer_async(*({"job": job} for job in jobs))

        yield send


async def serve() -> None:
    async with app.open_async():
        await app.run_worker_async(concurrency=int(os.environ["BENCH_CONCURRENCY"]), wait=True)


if __name__ == "__main__":
    run(install=lambda: asyncio.run(install()), sender=sender, work=lambda: asyncio.run(serve()))
