"""The jobs process: dispatcher, reaper, schedule, control application and runner; `python -m jobs`."""

import asyncio
import os
import signal
import socket
from contextlib import suppress

import structlog
import uvicorn
import uvloop

from bootstrap.container import Container, open_container
from bootstrap.identity import spaces_of
from bootstrap.settings import Settings, load_settings
from bootstrap.telemetry import configure_logging
from domain.jobs.models import Queue, Worker
from jobs.asking import Taking
from jobs.control import control_application
from jobs.desk import WorkerDesk
from jobs.dispatcher import Dispatcher
from jobs.endings import Endings
from jobs.reaper import Reaper
from jobs.registry import Registry
from jobs.runner import Runner
from jobs.schedule import run_schedule_for_ever
from jobs.tasks import TASKS
from jobs.worker import end_tasks, hear_hints_for_ever

SOFTWARE_VERSION = "0.1.0"

log = structlog.get_logger()


def new_runner(services: Container, registry: Registry) -> Runner:
    settings = services.settings.jobs
    worker = Worker(
        id=f"jobs-{socket.gethostname()}-{os.getpid()}",
        queue=Queue.INTERNAL,
        software_version=SOFTWARE_VERSION,
        slots=settings.concurrency,
    )
    return Runner(
        services,
        registry,
        worker=worker,
        lease_seconds=settings.lease_seconds,
        drain_seconds=settings.drain_seconds,
        ask=Taking(services) if settings.own_delivery == "asking" else services.claims.claim_many,
    )


def control_server(services: Container, endings: Endings) -> uvicorn.Server:
    settings = services.settings.jobs
    desk = WorkerDesk(services, endings, lease_seconds=settings.lease_seconds)
    application = control_application(desk, token=settings.worker_token.get_secret_value())
    config = uvicorn.Config(
        application,
        host=settings.control_host,
        port=settings.control_port,
        log_config=None,
        access_log=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


class JobsProcess:
    """Everything that runs side by side; one part that breaks ends the process, and its successor takes over."""

    def __init__(self, services: Container, registry: Registry) -> None:
        settings = services.settings.jobs
        endings = Endings(services, registry)
        has_hints = settings.own_delivery == "hints"
        self._drain_seconds = settings.drain_seconds
        self._runner = new_runner(services, registry)
        self._server = control_server(services, endings)
        self._loops = [
            Dispatcher(
                services,
                queues=[each for each in Queue if has_hints or each is not Queue.INTERNAL],
                tick_seconds=settings.tick_seconds,
                delivery_seconds=settings.delivery_seconds,
            ).run_for_ever(),
            Reaper(services, endings, tick_seconds=settings.tick_seconds).run_for_ever(),
            run_schedule_for_ever(services),
            self._runner.ask_for_ever(ask_seconds=settings.ask_seconds),
            self._runner.hear_cancels_for_ever(),
        ]
        if has_hints:
            self._loops.append(hear_hints_for_ever(services, self._runner, queue=Queue.INTERNAL))

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`, then take nothing more, let what runs end, and hand the rest back.

        A part that breaks stops the process in the same way, without waiting for what runs; raises what broke it. A
        task group would wait for ever for a part that swallows its one cancellation, half of the process gone.
        """
        loops = [asyncio.create_task(loop) for loop in self._loops]
        # `serve` would take the process's signals for itself; the process has one way to stop.
        serving = asyncio.create_task(self._server._serve())  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        asked = asyncio.create_task(stopping.wait())
        log.info("jobs_started")
        try:
            await asyncio.wait({asked, serving, *loops}, return_when=asyncio.FIRST_COMPLETED)
            log.info("jobs_draining", is_asked=asked.done())
            await self._runner.drain(seconds=self._drain_seconds if asked.done() else 0.0)
        finally:
            asked.cancel()
            await end_tasks(loops)
            self._server.should_exit = True
            await serving
        for loop in loops:
            if not loop.cancelled():
                loop.result()


async def main(settings: Settings, registry: Registry) -> None:
    """Run until SIGTERM or SIGINT asks it to end."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    spaces_of(settings.identity)  # a profile that cannot be read is told now, and not by every job that needs it
    async with open_container(settings) as services:
        await JobsProcess(services, registry).run(stopping)


if __name__ == "__main__":
    loaded = load_settings()
    configure_logging(loaded.log_format)
    with suppress(KeyboardInterrupt):
        uvloop.run(main(loaded, TASKS))
