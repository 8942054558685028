"""Workspaces, jobs and workers for tests of background work."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import text

from adapters.postgres.claims import PostgresDispatches
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.job_tables import JobRow
from bootstrap.clock import new_id
from bootstrap.container import Container, Work
from domain.events import Json, RecordedEvent, Stream, StreamKind, stream_key
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import ClaimedJob, Fence, JobState, NewJob, Priority, Queue, Worker
from domain.jobs.policies import Failure

LEASE_SECONDS = 1.0


def job(
    workspace_id: WorkspaceId,
    *,
    kind: str = "tests.work",
    queue: Queue = Queue.CPU,
    priority: Priority = Priority.NORMAL,
    subject_id: UUID | None = None,
    payload: dict[str, Json] | None = None,
    version: int = 1,
    affinity: str | None = None,
) -> NewJob:
    return NewJob(
        id=JobId(new_id()),
        workspace_id=workspace_id,
        kind=kind,
        queue=queue,
        payload=payload or {},
        priority=priority,
        subject_id=subject_id,
        version=version,
        affinity=affinity,
    )


def worker(
    name: str = "worker-1",
    *,
    queue: Queue = Queue.CPU,
    slots: int = 1,
    engines: Sequence[str] = ("tests.work@1",),
    warm: Sequence[str] = (),
) -> Worker:
    return Worker(id=name, queue=queue, software_version="test", slots=slots, engines=engines, warm=warm)


class Bench:
    """The engine's moves on a test's own database, and what came of them."""

    def __init__(self, container: Container, *, lookahead: int = 0) -> None:
        self.container = container
        self.claims = container.claims
        self.dispatches = PostgresDispatches(container.system_database, lookahead=lookahead)

    async def add_workspace(self, *, weight: float = 1.0, running_max: int = 8) -> WorkspaceId:
        workspace_id = WorkspaceId(new_id())
        async with self.container.work() as work:
            statement = text(
                "insert into workspaces (id, name, created_at, weight, running_max)"
                " values (:id, 'Studio', now(), :weight, :running_max)"
            )
            await work.session.execute(statement, {"id": workspace_id, "weight": weight, "running_max": running_max})
        return workspace_id

    async def enqueue(self, *jobs: NewJob) -> None:
        for each in jobs:
            async with self.container.work(each.workspace_id) as work:
                assert await work.jobs.enqueue(each)

    async def dispatch(self, *, queue: Queue = Queue.CPU, slots: int = 1) -> list[JobId]:
        await self.claims.see(worker(f"{queue}-hands", queue=queue, slots=slots))
        return [each.job_id for each in await self.dispatches.pick(queue, limit=100)]

    async def claim(
        self, by: Worker | None = None, *, claim_id: UUID | None = None, lease_seconds: float = 60
    ) -> ClaimedJob | None:
        return await self.claims.claim(
            by or worker(), claim_id=claim_id or new_id(), lease_seconds=lease_seconds, job_id=None, delivery=None
        )

    async def start(self, new: NewJob, *, lease_seconds: float = 60) -> ClaimedJob:
        """Enqueue, dispatch and claim one job."""
        await self.enqueue(new)
        await self.dispatch(queue=new.queue, slots=100)
        claimed = await self.claim(worker(queue=new.queue), lease_seconds=lease_seconds)
        assert claimed is not None
        return claimed

    async def expire(self, fence: Fence) -> None:
        """Let the lease end now, as if its time had passed."""
        await self.as_owner(
            "update jobs set lease_until = clock_timestamp() - interval '1 second' where id = :id", id=fence.job_id
        )

    async def as_owner(self, statement: str, **parameters: object) -> None:
        async with self._owner() as work:
            await work.session.execute(text(statement), parameters)

    async def as_owner_answer(self, statement: str) -> object:
        """The first value that the statement answers."""
        async with self._owner() as work:
            return await work.session.scalar(text(statement))

    @asynccontextmanager
    async def _owner(self) -> AsyncGenerator[Work]:
        url = self.container.settings.database.owner_url
        assert url is not None
        owner = PostgresDatabase(url.get_secret_value(), new_id=new_id, pool_size=1)
        async with owner.work() as work:
            yield work
        await owner.close()

    async def row(self, job_id: UUID) -> JobRow:
        async with self.container.system_database.work() as work:
            row = await work.session.get(JobRow, job_id)
        assert row is not None
        return row

    async def ended(self, job_id: UUID, *, seconds: float = 20) -> JobRow:
        """Wait until the job has ended; its stream rings for each of its moves."""
        key = stream_key(StreamKind.JOB, job_id)
        async with asyncio.timeout(seconds), self.container.wakeups.subscribe(key) as bell:
            while not JobState((row := await self.row(job_id)).state).is_final:
                await bell.wait(0.2)
            return row

    async def reached(self, job_id: UUID, state: JobState, *, seconds: float = 30) -> None:
        """Wait until the job stands so."""
        key = stream_key(StreamKind.JOB, job_id)
        async with asyncio.timeout(seconds), self.container.wakeups.subscribe(key) as bell:
            while await self.state(job_id) is not state:
                await bell.wait(0.1)

    async def space_of(self, job_id: UUID) -> WorkspaceId:
        return WorkspaceId((await self.row(job_id)).workspace_id)

    async def state(self, job_id: UUID) -> JobState:
        return JobState((await self.row(job_id)).state)


def job_stream(job_id: UUID, workspace_id: WorkspaceId) -> Stream:
    return Stream(StreamKind.JOB, job_id, workspace_id)


def names(events: Sequence[RecordedEvent]) -> list[str]:
    return [event.name for event in events]


async def failed_job(bench: Bench, failure: Failure, *, kind: str = "tests.work") -> JobId:
    """A job of a workspace of its own that has failed for good."""
    new = job(await bench.add_workspace(), kind=kind)
    await bench.enqueue(new)
    await bench.dispatch(slots=100)
    claimed = await bench.claim(worker(engines=(f"{kind}@1",)))
    assert claimed is not None
    async with bench.container.system_work(new.workspace_id) as work:
        await work.held_jobs.fail(claimed.fence, failure, retry_seconds=None)
    return new.id
