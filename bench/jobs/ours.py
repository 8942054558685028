"""Our engine as the harness runs it: the whole jobs process with one task, fed as the product feeds it."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import asyncpg
import structlog
import uvloop

from adapters.postgres.migrations import migrate
from bench.jobs.peers.driver import Job, Send, handle, run
from bootstrap.container import open_container
from bootstrap.settings import Settings, load_settings
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import ClaimedJob, NewJob, Priority, Queue
from jobs.__main__ import JobsProcess
from jobs.context import JobContext
from jobs.registry import Registry

KIND = "bench.work"
TENANTS = [WorkspaceId(UUID(int=number + 1)) for number in range(2)]
# As all peers are told: the lower number first; 0 where a workload knows none.
PRIORITIES = {1: Priority.INTERACTIVE, 2: Priority.BULK}
ADD_TENANT = "insert into workspaces (id, name, created_at, running_max) values ($1, 'Studio', now(), 1000)"

tasks = Registry()


@tasks.task(KIND)
async def work_on(_context: JobContext, job: ClaimedJob) -> None:
    match job.payload:
        case {"number": int(number), "sleep_ms": int() | float() as sleep_ms, "tenant": int(tenant)}:
            await handle(Job(number=number, sleep_ms=sleep_ms, filler="", tenant=tenant, priority=0))
        case _:
            raise ValueError("This job was not written down by the harness.")


def settings() -> Settings:
    """The product's defaults, but for as many jobs at once as the peers have, and a lease of 10 s."""
    return load_settings(
        {
            "LAB_DATABASE__URL": os.environ["BENCH_APP"],
            "LAB_DATABASE__SYSTEM_URL": os.environ["BENCH_SYSTEM"],
            "LAB_REDIS__URL": os.environ["BENCH_REDIS"],
            "LAB_STORAGE__ENDPOINT_URL": "http://127.0.0.1:9",
            "LAB_STORAGE__BUCKET": "none",
            "LAB_STORAGE__ACCESS_KEY_ID": "none",
            "LAB_STORAGE__SECRET_ACCESS_KEY": "none",
            "LAB_ACCOUNTS__SIGNING_KEY": "k" * 32,
            "LAB_JOBS__WORKER_TOKEN": "t" * 32,
            "LAB_JOBS__CONTROL_PORT": "0",
            "LAB_JOBS__LEASE_SECONDS": "10",
            "LAB_JOBS__OWN_DELIVERY": os.environ["BENCH_DELIVERY"],
            "LAB_JOBS__CONCURRENCY": os.environ["BENCH_CONCURRENCY"],
        }
    )


def install() -> None:
    async def create() -> None:
        await migrate(os.environ["BENCH_POSTGRES"])
        connection = await asyncpg.connect(os.environ["BENCH_POSTGRES"])
        await connection.executemany(ADD_TENANT, [(tenant,) for tenant in TENANTS])
        await connection.close()

    asyncio.run(create())


@asynccontextmanager
async def sender() -> AsyncGenerator[Send]:
    async with open_container(settings()) as services:

        async def send(jobs: list[Job]) -> None:
            space = TENANTS[jobs[0]["tenant"]]
            async with services.work(space) as work:
                for job in jobs:
                    payload = {"number": job["number"], "sleep_ms": job["sleep_ms"], "tenant": job["tenant"]}
                    new = NewJob(
                        id=JobId(services.new_id()),
                        workspace_id=space,
                        kind=KIND,
                        queue=Queue.INTERNAL,
                        payload={**payload, "filler": job["filler"]},
                        priority=PRIORITIES.get(job["priority"], Priority.NORMAL),
                        estimated_seconds=job["sleep_ms"] / 1000,
                    )
                    await work.jobs.enqueue(new)

        yield send


async def serve() -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with open_container(settings()) as services:
        await JobsProcess(services, tasks).run(stopping)


def work() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with suppress(KeyboardInterrupt):
        uvloop.run(serve())


if __name__ == "__main__":
    run(install=install, sender=sender, work=work)
