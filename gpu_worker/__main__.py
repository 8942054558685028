"""The worker as a process: `python -m gpu_worker`."""

import asyncio
import logging
import signal
import sys
from typing import Literal

import structlog

from gpu_worker.health import health_server
from gpu_worker.metrics import worker_registry
from gpu_worker.settings import WorkerSettings
from gpu_worker.supervisor import Supervisor


def configure_logging(log_format: Literal["json", "text"]) -> None:
    """Log as the other processes of the lab do; the worker's image has none of their code."""
    is_json = log_format == "json"
    renderer = structlog.processors.JSONRenderer() if is_json else structlog.dev.ConsoleRenderer(colors=False)
    exceptions = [structlog.processors.format_exc_info] if is_json else []
    logging.basicConfig(stream=sys.stdout, level=logging.WARNING)
    logging.getLogger("arq.worker").addFilter(is_no_stop)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *exceptions,
            renderer,
        ],
        cache_logger_on_first_use=True,
    )


def is_no_stop(record: logging.LogRecord) -> bool:
    """ARQ calls a hint that is let go at a graceful stop a failure, traceback and all."""
    return record.exc_info is None or not isinstance(record.exc_info[1], asyncio.CancelledError)


async def main(settings: WorkerSettings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    supervisor = Supervisor(settings)
    async with asyncio.TaskGroup() as group:
        serving: asyncio.Task[None] | None = None
        if settings.health_port is not None:
            server = health_server(
                lambda: supervisor.health,
                worker_registry(supervisor),
                host=settings.health_host,
                port=settings.health_port,
            )
            # `serve` would take the process's signals for itself.
            serving = group.create_task(server._serve())  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        await supervisor.run(stopping)
        if serving is not None:
            serving.cancel()


if __name__ == "__main__":
    loaded = WorkerSettings()  # pyright: ignore[reportCallIssue] - the values come from the environment
    configure_logging(loaded.log_format)
    asyncio.run(main(loaded))
