"""The product's jobs process with the synthetic kinds beside its own: `python -m chaos.jobs`."""

import asyncio
import signal

import uvloop

from bootstrap.container import open_container
from bootstrap.settings import Settings, load_settings
from bootstrap.telemetry import configure_logging
from chaos.tasks import tasks
from jobs.__main__ import JobsProcess
from jobs.registry import Registry
from jobs.tasks import TASKS


async def main(settings: Settings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with open_container(settings) as services:
        await JobsProcess(services, Registry(TASKS, tasks)).run(stopping)


def run() -> None:
    loaded = load_settings()
    configure_logging(loaded.log_format)
    uvloop.run(main(loaded))


if __name__ == "__main__":
    run()
