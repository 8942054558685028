"""A worker with a real child process beside a control application over real HTTP."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bootstrap.clock import new_id
from bootstrap.container import Container
from bootstrap.embedded import free_port
from contracts.commands import MakeKeyframe, SettingPlan, ShotPlan
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import JobInput, NewJob, Queue
from gpu_worker.health import Health, health_server
from gpu_worker.metrics import worker_registry
from gpu_worker.settings import WorkerSettings
from gpu_worker.supervisor import Supervisor
from jobs.control import control_application
from jobs.desk import WorkerDesk
from jobs.dispatcher import Dispatcher
from jobs.endings import Endings
from jobs.reaper import Reaper
from jobs.registry import Registry
from tests.builders_jobs import Bench
from tests.gpu_worker.tiny_models import TinyModels
from tests.jobs.conftest import background
from tests.serving import listening

TOKEN = "a token of the tests"
KIND = "tests.keyframe"


def keyframe_job(
    workspace_id: WorkspaceId,
    *,
    seed: int = 0,
    action: str = "",
    engine: str = "tiny",
    inputs: tuple[JobInput, ...] = (),
) -> NewJob:
    shot = ShotPlan(action=action, setting=SettingPlan())
    command = MakeKeyframe(engine=engine, seed=seed, width=64, height=64, shot=shot, scene_seed=1)
    return NewJob(
        id=JobId(new_id()),
        workspace_id=workspace_id,
        kind=KIND,
        queue=Queue.CPU,
        payload={"command": command.model_dump(mode="json"), "progress": {"part": "shot-1"}},
        inputs=inputs,
        subject_id=workspace_id,
    )


class Refusing:
    """Answers the first calls of a path with these statuses, and the paths of `late` so many seconds after the deed."""

    def __init__(self, app: ASGIApp, statuses: Mapping[str, list[int]], late: Mapping[str, float]) -> None:
        self._app = app
        self._statuses = statuses
        self._late = late

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].rsplit("/", 1)[-1]
        statuses = self._statuses.get(name)
        answer = JSONResponse({}, statuses.pop(0)) if statuses else self._app

        async def send_late(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(self._late.get(name, 0))
            await send(message)

        await answer(scope, receive, send_late)


class Lab:
    """The jobs process's parts that a worker needs, on a port of their own.

    `refusals` and `late` are by the last word of a call's path.
    """

    def __init__(self, container: Container, registry: Registry, folder: Path) -> None:
        self.container = container
        self.endings = Endings(container, registry)
        self.port = free_port()
        self.folder = folder
        self.work_folder = folder / "work"
        self.work_folder.mkdir()
        self.lease_seconds = 2.0
        self.refusals: dict[str, list[int]] = {}
        self.late: dict[str, float] = {}

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        loops = (
            Dispatcher(self.container, tick_seconds=0.2).run_for_ever(),
            Reaper(self.container, self.endings, tick_seconds=0.2).run_for_ever(),
        )
        async with background(*loops), self.control():
            yield

    @asynccontextmanager
    async def control(self) -> AsyncGenerator[None]:
        desk = WorkerDesk(self.container, self.endings, lease_seconds=self.lease_seconds)
        application = Refusing(control_application(desk, token=TOKEN), self.refusals, self.late)
        config = uvicorn.Config(application, port=self.port, log_config=None, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve())  # pyright: ignore[reportPrivateUsage]
        try:
            yield
        finally:
            server.should_exit = True
            server.force_exit = True
            await serving

    def settings(self, **changes: object) -> WorkerSettings:
        values: dict[str, object] = {
            "control_url": f"http://127.0.0.1:{self.port}",
            "token": SecretStr(TOKEN),
            "engines": ("tests.gpu_worker.engines:TinyEngine",),
            "id": "worker-1",
            "cache_folder": self.folder / "cache",
            "work_folder": self.work_folder,
            "ask_seconds": 1.0,
            "beat_seconds": 0.2,
            "stall_seconds": 20.0,
            "halt_seconds": 0.5,
            "stop_seconds": 1.0,
            "drain_seconds": 5.0,
        }
        return WorkerSettings.model_validate(values | changes)

    @asynccontextmanager
    async def worker(self, settings: WorkerSettings | None = None) -> AsyncGenerator[Supervisor]:
        stopping = asyncio.Event()
        self.health: asyncio.Queue[Health] = asyncio.Queue()
        supervisor = Supervisor(settings or self.settings(), on_health=self.health.put_nowait)
        running = asyncio.create_task(supervisor.run(stopping))
        try:
            yield supervisor
        finally:
            stopping.set()
            await running


@asynccontextmanager
async def served(supervisor: Supervisor) -> AsyncGenerator[httpx.AsyncClient]:
    """Serve the worker's own port, as its process does, and answer a client of it."""
    port = free_port()
    server = health_server(lambda: supervisor.health, worker_registry(supervisor), host="127.0.0.1", port=port)
    async with listening(server), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.nothing_follows(KIND)
    return registry


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


@pytest.fixture
def lab(container: Container, registry: Registry, tmp_path: Path) -> Lab:
    return Lab(container, registry, tmp_path)


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    return TinyModels(tmp_path_factory.mktemp("models"))
