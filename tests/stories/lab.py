"""A whole lab inside a test: the API behind a real port, the jobs process, and workers with a child each."""

import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.video.probe import FilmProbe, probe
from api.app import create_app
from api.limits import Limits
from api.server import LabServer
from bootstrap.container import Container, open_container
from bootstrap.settings import Settings
from client.studio import CastMember, FilmOrder, Studio, pictures_in
from client.transport import LabTransport
from gpu_worker.settings import WorkerSettings
from gpu_worker.supervisor import Supervisor
from jobs.__main__ import JobsProcess
from jobs.registry import Registry
from jobs.tasks import TASKS
from tests.serving import listening, outlived_by

ANIMATIC = "gpu_worker.pipelines.animatic.engine:AnimaticEngine"
ONWARD = 'subscription ($id: ID!) { renderProgress(id: $id, after: "%s") { cursor event { name data } } }'
REPORT = """
query ($id: ID!) {
  consistencyReport(renderId: $id) {
    characters {
      name toReferences { minimum median count } betweenShots { minimum count } slope
      shots { number verdict frames score shotsSince } drift { shotsMin shotsMax scores { median } }
    }
    contactSheet { url contentType } plot { url contentType }
  }
}
"""
SMALL = {"detail": "P360", "framesPerSecond": 12}


class FilmLab:
    """The processes of a lab on one container, side by side in one event loop."""

    def __init__(self, container: Container, folder: Path, registry: Registry) -> None:
        self.container = container
        self.folder = folder
        self.registry = registry
        self.url = ""
        self._running: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings, folder: Path, registry: Registry = TASKS) -> AsyncGenerator["FilmLab"]:
        async with open_container(settings) as container:
            lab = cls(container, folder, registry)
            async with lab._api(), lab._jobs():
                yield lab

    @asynccontextmanager
    async def _api(self) -> AsyncGenerator[None]:
        limits, stopping = Limits(), asyncio.Event()
        app = create_app(self.container, limits=limits, stopping=stopping)
        server = LabServer(app, host="127.0.0.1", port=0, limits=limits, stopping=stopping)
        async with listening(server) as serving:
            with self._runs(serving):
                self.url = f"http://127.0.0.1:{server.port}"
                yield

    @asynccontextmanager
    async def _jobs(self) -> AsyncGenerator[None]:
        stopping = asyncio.Event()
        running = asyncio.create_task(JobsProcess(self.container, self.registry).run(stopping), name="jobs process")
        try:
            with self._runs(running):
                yield
        finally:
            stopping.set()
            with suppress(asyncio.CancelledError):
                await running

    @asynccontextmanager
    async def worker(self, *engines: str, queue: str = "cpu") -> AsyncGenerator[Supervisor]:
        """A worker beside the lab, as another machine would be."""
        jobs, stopping = self.container.settings.jobs, asyncio.Event()
        settings = WorkerSettings(
            control_url=f"http://127.0.0.1:{jobs.control_port}",
            token=jobs.worker_token,
            redis_url=self.container.settings.redis.url,
            queue=queue,
            engines=engines or (ANIMATIC,),
            cache_folder=self.folder / "cache",
            ask_seconds=1.0,
            beat_seconds=0.05,
        )
        supervisor = Supervisor(settings)
        running = asyncio.create_task(supervisor.run(stopping), name=f"worker of the queue {queue}")
        try:
            with self._runs(running):
                async with self.lasting():
                    yield supervisor
        finally:
            stopping.set()
            await running

    @contextmanager
    def _runs(self, process: asyncio.Task[None]) -> Generator[None]:
        self._running.add(process)
        try:
            yield
        finally:
            self._running.remove(process)

    def lasting(self) -> AbstractAsyncContextManager[None]:
        """Run a block of a story's own task while all the lab's processes run; raises as soon as one does not."""
        return outlived_by(*self._running)

    async def start_worker_process(self) -> asyncio.subprocess.Process:
        """A worker as a process of its own, to be killed."""
        jobs = self.container.settings.jobs
        environment = {
            **os.environ,
            "LAB_WORKER_CONTROL_URL": f"http://127.0.0.1:{jobs.control_port}",
            "LAB_WORKER_TOKEN": jobs.worker_token.get_secret_value(),
            "LAB_WORKER_CACHE_FOLDER": str(self.folder / "other-cache"),
            "LAB_WORKER_ASK_SECONDS": "1",
        }
        return await asyncio.create_subprocess_exec(sys.executable, "-m", "gpu_worker", env=environment)

    @asynccontextmanager
    async def client(self, name: str) -> AsyncGenerator["Client"]:
        """Somebody who has just signed up."""
        async with self.lasting(), LabTransport(self.url) as transport:
            studio = Studio(transport)
            await studio.sign_up(email=f"{name}@example.org", password="correct horse battery", name=name)
            yield Client(studio, self.folder)


@dataclass
class Client:
    """A user of the lab who keeps what was told."""

    studio: Studio
    folder: Path
    cursor: str = ""
    told: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    heard: defaultdict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    async def cast(self, **folders: Path) -> list[str]:
        """Create a character from each folder of pictures, and wait until all are known."""
        return await self.create([CastMember(name, pictures_in(folder)) for name, folder in folders.items()])

    async def create(self, members: Sequence[CastMember]) -> list[str]:
        """Create the characters, and wait until all are known."""
        ids = [await self.studio.create_character(member) for member in members]
        for character_id in ids:
            await self.studio.wait_for_character(character_id)
        return ids

    async def write(self, script: str, cast_ids: list[str], *, title: str = "A film") -> dict[str, Any]:
        order = FilmOrder(title=title, script=script, language="en", cast=())
        return await self.studio.write_storyboard(order, cast_ids, lambda _shot: None)

    async def film(self, storyboard_id: str, **settings: object) -> dict[str, Any]:
        """Order a render, follow it to its end, answer it."""
        render_id = await self.order(storyboard_id, **settings)
        return await self.follow(render_id)

    async def order(self, storyboard_id: str, **settings: object) -> str:
        return str((await self.studio.request_render(storyboard_id, SMALL | settings))["id"])

    async def follow(self, render_id: str) -> dict[str, Any]:
        self.told = []
        await self.studio.follow_render(render_id, self._hear)
        return await self.studio.read_render(render_id)

    async def report(self, render_id: str) -> dict[str, Any]:
        """Wait for the report on a film that was followed to its end, and answer it."""
        transport, onward = self.studio.transport, ONWARD % self.cursor
        async for told in transport.subscribe(onward, {"id": render_id}, cursor_of=lambda _told: None):
            self._hear(told["renderProgress"])
        return (await transport.execute(REPORT, {"id": render_id}))["consistencyReport"]

    def _hear(self, news: Mapping[str, Any]) -> None:
        if news["event"]:
            self.cursor = news["cursor"]
            self.told.append(news["event"])
            self.heard[news["event"]["name"]].set()

    @property
    def names(self) -> list[str]:
        return [event["name"] for event in self.told]

    def made(self, name: str) -> list[int]:
        """The shots for which that was really done, not taken over, in order."""
        events = [event["data"] for event in self.told if event["name"] == name]
        return sorted(data["shotNumber"] for data in events if not data.get("isReused"))

    async def download(self, render: dict[str, Any]) -> FilmProbe:
        """Fetch the film, with its captions beside it, and decode all of it."""
        out = self.folder / "film.mp4"
        await self.studio.download(render["film"], out)
        return probe(out)

    @property
    def captions(self) -> str:
        """The captions of the film that was downloaded last."""
        return (self.folder / "film.vtt").read_text(encoding="utf-8")
