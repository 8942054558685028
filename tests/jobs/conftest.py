"""The engine running inside the test: dispatcher, reaper and runner on the test's own stores."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager

import httpx
import pytest

from bootstrap.container import Container
from contracts.commands import Message
from domain.jobs.models import Queue
from jobs.control import control_application
from jobs.desk import WorkerDesk
from jobs.dispatcher import Dispatcher
from jobs.endings import Endings
from jobs.reaper import Reaper
from jobs.registry import Registry
from jobs.runner import Runner
from jobs.worker import end_tasks, hear_hints_for_ever
from tests.builders_jobs import LEASE_SECONDS, Bench, worker

TOKEN = "a token of the tests"


class Engine:
    """What the jobs process runs, part by part, so that a test can stop any of them."""

    def __init__(
        self,
        container: Container,
        registry: Registry,
        *,
        slots: int = 4,
        drain_seconds: float = 20,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self.container = container
        self.registry = registry
        self.endings = Endings(container, registry)
        self.dispatcher = Dispatcher(container, tick_seconds=0.2, delivery_seconds=1.0)
        self.reaper = Reaper(container, self.endings, tick_seconds=0.2)
        self.drain_seconds = drain_seconds
        self.lease_seconds = lease_seconds
        self.runner = self.new_runner("runner-1", slots=slots)

    def new_runner(self, name: str, *, slots: int = 4) -> Runner:
        hands = worker(name, queue=Queue.INTERNAL, slots=slots)
        return Runner(
            self.container,
            self.registry,
            worker=hands,
            lease_seconds=self.lease_seconds,
            drain_seconds=self.drain_seconds,
        )

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        loops = (
            self.dispatcher.run_for_ever(),
            self.reaper.run_for_ever(),
            self.runner.ask_for_ever(ask_seconds=0.5),
            self.runner.hear_cancels_for_ever(),
            hear_hints_for_ever(self.container, self.runner, queue=Queue.INTERNAL),
        )
        async with background(*loops):
            yield
            await self.runner.drain(seconds=0)


@asynccontextmanager
async def desk_of(engine: Engine) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the engine's control application, with the workers' token."""
    desk = WorkerDesk(engine.container, engine.endings, lease_seconds=60)
    transport = httpx.ASGITransport(control_application(desk, token=TOKEN))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://control", headers=headers) as client:
        yield client


async def post(client: httpx.AsyncClient, path: str, message: Message) -> httpx.Response:
    return await client.post(path, content=message.model_dump_json())


@asynccontextmanager
async def background(*loops: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    """Run the loops while the block runs; one that breaks breaks the test."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield
    finally:
        await end_tasks(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.nothing_follows("tests.keyframe", "tests.work")
    return registry


@pytest.fixture
def engine(container: Container, registry: Registry) -> Engine:
    return Engine(container, registry)
