"""SIGTERM to the real jobs process: what does not end in time is handed back with nothing charged."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bootstrap.container import Container
from bootstrap.embedded import EmbeddedStack, free_port
from domain.jobs.models import JobState, Queue
from tests.builders_jobs import Bench, job

# The real process with one more kind of job, which never ends.
SLOW = """
import asyncio, sys
from bootstrap.settings import load_settings
from jobs.__main__ import main
from jobs.registry import Registry
from jobs.tasks import TASKS

slow = Registry()

@slow.task("tests.slow")
async def run(context, claimed):
    await asyncio.Event().wait()

asyncio.run(main(load_settings(), Registry(TASKS, slow)))
"""


@asynccontextmanager
async def jobs_process(stack: EmbeddedStack, container: Container) -> AsyncGenerator[asyncio.subprocess.Process]:
    database = container.settings.database
    own = {
        "LAB_DATABASE__URL": database.url.get_secret_value(),
        "LAB_DATABASE__SYSTEM_URL": database.system_url.get_secret_value(),
        "LAB_JOBS__CONTROL_PORT": str(free_port()),
        "LAB_JOBS__DRAIN_SECONDS": "0.5",
    }
    environment = dict(os.environ) | dict(stack.environment()) | own
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SLOW, env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_jobs_process_that_is_stopped_hands_back_what_runs_and_nothing_is_charged(
    stack: EmbeddedStack, bench: Bench
) -> None:
    new = job(await bench.add_workspace(), kind="tests.slow", queue=Queue.INTERNAL)
    async with jobs_process(stack, bench.container) as process:
        await bench.enqueue(new)
        await bench.reached(new.id, JobState.RUNNING)
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0
    row = await bench.row(new.id)
    assert (row.state, row.attempts, row.lost, row.worker_id is None) == ("queued", 0, 0, False)
