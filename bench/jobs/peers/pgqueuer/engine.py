"""pgqueuer: durable tables, its own worker loop, the batch of its documentation's throughput page."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import uvloop
from driver import Job, Send, handle, run
from pgqueuer import PgQueuer, Queries
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.models import Job as Entry

DATABASE = os.environ["BENCH_POSTGRES"]
CONCURRENCY = int(os.environ["BENCH_CONCURRENCY"])


def install() -> None:
    async def create() -> None:
        connection = await asyncpg.connect(DATABASE)
        await Queries(AsyncpgDriver(connection)).install()
        await connection.close()

    asyncio.run(create())


@asynccontextmanager
async def sender() -> AsyncGenerator[Send]:
    connection = await asyncpg.connect(DATABASE)
    queries = Queries(AsyncpgDriver(connection))

    async def send(jobs: list[Job]) -> None:
        payloads: list[bytes | None] = [json.dumps(job).encode() for job in jobs]
        await queries.enqueue(["work"] * len(jobs), payloads, [-job["priority"] for job in jobs])

    yield send
    await connection.close()


async def serve() -> None:
    async with asyncpg.create_pool(DATABASE, min_size=2, max_size=5) as pool:
        queuer = PgQueuer(AsyncpgPoolDriver(pool))

        @queuer.entrypoint("work")
        async def work_on(entry: Entry) -> None:
            assert entry.payload is not None
            await handle(json.loads(entry.payload))

        await queuer.qm.run(
            dequeue_timeout=timedelta(seconds=1),
            batch_size=CONCURRENCY,
            max_concurrent_tasks=2 * CONCURRENCY,
            heartbeat_timeout=timedelta(seconds=10),
        )


if __name__ == "__main__":
    run(install=install, sender=sender, work=lambda: uvloop.run(serve()))
