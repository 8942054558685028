"""The jobs process of the measurement: the product's own, which knows one kind of job more."""

import asyncio
import signal

import structlog
import uvloop

from bootstrap.container import open_container
from bootstrap.settings import load_settings
from jobs.__main__ import JobsProcess
from jobs.registry import Registry

KIND = "bench.keyframe"

tasks = Registry()
tasks.nothing_follows(KIND)


async def serve() -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with open_container(load_settings()) as services:
        await JobsProcess(services, tasks).run(stopping)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    uvloop.run(serve())
