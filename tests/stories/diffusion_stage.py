"""A lab with one worker of the queue `gpu`, all families on tiny models in its child, to be given commands."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from redis.asyncio import Redis

from adapters.postgres.job_tables import JobRow
from bootstrap.clock import new_id
from contracts.commands import Command
from contracts.protocol import hint_queue_name
from domain.identifiers import JobId, ObjectId, WorkspaceId
from domain.jobs.models import FinishedJob, JobInput, NewJob, Queue, queue_key
from domain.media.models import Content, StoredObject
from gpu_worker.supervisor import Supervisor
from tests.builders_jobs import Bench
from tests.stories.lab import FilmLab

KIND = "tests.models"
FILE_BYTES_MAX: Final = 10_000_000


@dataclass(frozen=True)
class Made:
    """A job that is done: its row, what the worker answered, and the bytes of its outputs."""

    row: JobRow
    result: Mapping[str, Any]
    files: Mapping[str, bytes]


@dataclass
class Stage:
    """Where commands are given; a file `mark` in the folder has the next training hold at its first checkpoint."""

    lab: FilmLab
    worker: Supervisor
    folder: Path
    finished: Mapping[UUID, FinishedJob]
    workspace_id: WorkspaceId
    _stored: dict[str, ObjectId] = field(default_factory=dict[str, ObjectId])

    @property
    def bench(self) -> Bench:
        return Bench(self.lab.container)

    async def give(self, command: Command, inputs: Mapping[str, Path]) -> JobId:
        """Write the command down as a job."""
        given = [JobInput(name, await self._store(path)) for name, path in inputs.items()]
        new = NewJob(
            id=JobId(new_id()),
            workspace_id=self.workspace_id,
            kind=KIND,
            queue=Queue.GPU,
            payload={"command": command.model_dump(mode="json"), "progress": {"part": "shot-1"}},
            inputs=given,
            subject_id=self.workspace_id,
        )
        await self.bench.enqueue(new)
        return new.id

    async def done(self, job_id: JobId) -> Made:
        """Wait until it has succeeded."""
        async with self.lab.lasting():
            row = await self.bench.ended(job_id, seconds=500)
        assert row.state == "succeeded", f"{row.state}: {row.error_message}"
        job = self.finished[job_id]
        return Made(row, job.result, {name: await self._read(each) for name, each in job.objects.items()})

    async def all_hints_heard(self) -> None:
        """Wait until ARQ has handed each hint to the supervisor; raises TimeoutError."""
        redis = Redis.from_url(self.lab.container.settings.redis.url.get_secret_value())
        async with asyncio.timeout(20), redis, self.lab.container.wakeups.subscribe(queue_key(Queue.GPU)) as bell:
            while await redis.zcard(hint_queue_name(Queue.GPU)):
                await bell.wait(0.05)

    async def _store(self, path: Path) -> ObjectId:
        """Store the same bytes once, as a lab does."""
        content, container = await asyncio.to_thread(path.read_bytes), self.lab.container
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 not in self._stored:
            key = f"tests/{self.workspace_id}/{sha256}"
            await container.store.put(key, content, content_type="image/png")
            facts = Content("image/png", len(content), sha256)
            stored = StoredObject(ObjectId(container.new_id()), self.workspace_id, key, facts, container.now())
            async with container.work(self.workspace_id) as work:
                await work.objects.reserve(stored)
            self._stored[sha256] = stored.id
        return self._stored[sha256]

    async def _read(self, object_id: ObjectId) -> bytes:
        container = self.lab.container
        async with container.work(self.workspace_id) as work:
            found = await work.objects.find(self.workspace_id, object_id)
        assert found is not None
        return await container.store.read(found.key, bytes_max=FILE_BYTES_MAX)
