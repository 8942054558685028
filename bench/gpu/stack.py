"""The lab's servers, its jobs process and one worker, and keyframes that are ordered there and waited for."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import text

from bench.gpu.desk import KIND
from bench.gpu.orders import ENGINE, REFERENCE, keyframe
from bootstrap.container import Container, open_container
from bootstrap.embedded import EmbeddedStack, http_answers, inherited_environment
from bootstrap.processes import ManagedProcess, wait_until
from bootstrap.settings import Settings, nested
from domain.events import StreamKind, stream_key
from domain.identifiers import JobId, ObjectId, WorkspaceId
from domain.jobs.models import JobInput, NewJob, Queue
from domain.media.models import Content, StoredObject

START_SECONDS_MAX, ENDED_SECONDS_MAX = 300.0, 600.0
LOOK_SECONDS = 0.5  # at most between two looks at whether all have ended
ADD = "insert into workspaces (id, name, created_at, running_max) values (:id, 'Studio', now(), 1000)"
LEFT = "select count(*) from jobs where workspace_id = :id and state not in ('succeeded', 'failed', 'dead', 'aborted')"
TOGETHER = (
    "select avg((result #>> '{notes,batch}')::float8) from jobs where workspace_id = :id and state = 'succeeded'"
).replace("::", r"\:\:")
WRONG = "select count(*) from jobs where workspace_id = :id and state in ('failed', 'dead', 'aborted')"


@dataclass(frozen=True, slots=True)
class Stack:
    """A running lab with one workspace, in which the reference picture is stored."""

    container: Container
    workspace_id: WorkspaceId
    reference: ObjectId
    worker: ManagedProcess
    side: int

    async def order(self, seeds: Sequence[int], *, has_reference: bool = True) -> JobId:
        """Order keyframes all at once; answer the last one's job."""
        new: NewJob | None = None
        async with self.container.work(self.workspace_id) as work:
            for seed in seeds:
                command = keyframe(seed, self.side, has_reference=has_reference).model_dump(mode="json")
                new = NewJob(
                    id=JobId(self.container.new_id()),
                    workspace_id=self.workspace_id,
                    kind=KIND,
                    queue=Queue.GPU,
                    payload={"command": command, "progress": {"part": "shot-1"}},
                    inputs=(JobInput(REFERENCE, self.reference),) if has_reference else (),
                    subject_id=self.workspace_id,
                )
                await work.jobs.enqueue(new)
        if new is None:
            raise ValueError("There is nothing to order.")
        return new.id

    async def end(self, last: JobId) -> None:
        """Wait until all have ended, of which this is the last; raises RuntimeError unless all came out."""
        key = stream_key(StreamKind.JOB, last)
        async with asyncio.timeout(ENDED_SECONDS_MAX), self.container.wakeups.subscribe(key) as bell:
            while await self._count(LEFT):
                await bell.wait(LOOK_SECONDS)
        if await self._count(WRONG):
            raise RuntimeError("A keyframe did not come out; the worker's log says why.")

    async def made_together(self) -> float:
        """How many keyframes were made at once, on average over those that came out."""
        async with self.container.work(self.workspace_id) as work:
            return float(await work.session.scalar(text(TOGETHER), {"id": self.workspace_id}) or 0)

    def supervisor_seconds(self) -> float:
        """The processor time that the worker has taken, its child not counted."""
        taken = psutil.Process(self.worker.pid).cpu_times()
        return taken.user + taken.system

    async def _count(self, statement: str) -> int:
        async with self.container.work(self.workspace_id) as work:
            return int(await work.session.scalar(text(statement), {"id": self.workspace_id}) or 0)


@asynccontextmanager
async def running(folder: Path, models: Mapping[str, str], *, side: int, picture: bytes) -> AsyncGenerator[Stack]:
    """Start everything in the folder; `models` are the worker's settings of its engine."""
    stack = EmbeddedStack(folder, api_port=0)
    await asyncio.to_thread(stack.start)
    processes: list[ManagedProcess] = []
    try:
        ours = dict(stack.environment())
        control = f"http://127.0.0.1:{stack.control_port}/healthz"
        processes.append(started("jobs", "bench.gpu.desk", folder, ours))
        await asyncio.to_thread(
            wait_until, lambda: http_answers(control), "The control application", seconds=START_SECONDS_MAX
        )
        engines = {"LAB_WORKER_QUEUE": "gpu", "LAB_WORKER_ENGINES": f'["{ENGINE}"]'}
        processes.append(started("worker", "gpu_worker", folder, {**stack.worker_environment(), **engines, **models}))
        async with open_container(Settings.model_validate(nested(ours))) as container:
            workspace_id, reference = await prepared(container, picture)
            yield Stack(container, workspace_id, reference, processes[-1], side)
    finally:
        for process in reversed(processes):
            await asyncio.to_thread(process.stop)
        await asyncio.to_thread(stack.stop)


def started(name: str, module: str, folder: Path, environment: Mapping[str, str]) -> ManagedProcess:
    process = ManagedProcess(name, [sys.executable, "-m", module], folder=folder, is_ready=lambda: True, is_quiet=True)
    process.start({**inherited_environment(), "PYTHONPATH": str(Path.cwd()), **environment})
    return process


async def prepared(container: Container, picture: bytes) -> tuple[WorkspaceId, ObjectId]:
    """A workspace, and a picture that it owns."""
    workspace_id, sha256 = WorkspaceId(container.new_id()), hashlib.sha256(picture).hexdigest()
    async with container.work() as work:
        await work.session.execute(text(ADD), {"id": workspace_id})
    key = f"bench/{workspace_id}/{sha256}"
    await container.store.put(key, picture, content_type="image/png")
    facts = Content("image/png", len(picture), sha256)
    stored = StoredObject(ObjectId(container.new_id()), workspace_id, key, facts, container.now())
    async with container.work(workspace_id) as work:
        await work.objects.reserve(stored)
    return workspace_id, stored.id
