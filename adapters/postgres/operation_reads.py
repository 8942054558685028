"""How the engine stands, for operators: jobs, their histories, workers and queues; never what the work is about."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.postgres.job_tables import EventRow, JobRow, OperatorActionRow
from adapters.postgres.operations import job_not_found
from adapters.postgres.paging import highest_first
from domain.errors import Invalid
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import JobState, Queue
from domain.jobs.operations import (
    JobFilter,
    JobRecord,
    JobStatus,
    JobStep,
    JobTarget,
    OperatorAction,
    QueueStatus,
    WorkerState,
    WorkerStatus,
)
from domain.jobs.policies import SEEN_SECONDS
from domain.paging import Edge, Page, PageRequest

JOBS = JobRow.metadata.tables["jobs"]
HISTORY_MAX = 500
WORKERS_MAX = 1000
WORKERS = text(
    "select w.id, w.queue, w.state, w.engines, w.software_version, w.slots,"
    " cast(extract(epoch from clock_timestamp() - w.last_seen_at) as float8) as last_seen_seconds,"
    " array(select j.id from jobs j where j.worker_id = w.id and j.state = 'running' order by j.id) as job_ids"
    " from workers w order by w.queue, w.id limit :limit"
)
QUEUES = text(
    "select c.queue, c.is_paused, c.running_max, coalesce((select sum(w.slots) from workers w where w.queue = c.queue"
    " and w.state = 'ready' and w.last_seen_at > clock_timestamp() - make_interval(secs => :seen_seconds)), 0)"
    " as slots,"
    " (select extract(epoch from clock_timestamp() - min(j.created_at)) from jobs j"
    " where j.queue = c.queue and j.state = 'queued' and j.run_at <= clock_timestamp()) as oldest_seconds"
    " from queue_controls c order by c.queue"
)
DEPTHS = text("select queue, state, count(*) as jobs from jobs where finished_at is null group by queue, state")


class PostgresOperationReads:
    """Reads as the jobs' role, over all workspaces."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(self, wanted: JobFilter, request: PageRequest) -> Page[JobStatus]:
        """Newest first: ids are made of the moment, so their order is that of the jobs and needs no other index."""
        return await highest_first(
            self._session,
            matching(wanted),
            keys=[JOBS.c.id],
            request=request,
            read=read_ids,
            present=lambda row: Edge(to_status(row[0]), str(row[0].id)),
        )

    async def find(self, job_id: JobId) -> JobRecord:
        """Raises JobNotFound."""
        row = await self._row(job_id)
        events = (
            select(EventRow)
            .where(col(EventRow.stream_kind) == "job", col(EventRow.stream_id) == job_id)
            .order_by(col(EventRow.number).desc())
            .limit(HISTORY_MAX)
        )
        actions = (
            select(OperatorActionRow)
            .where(col(OperatorActionRow.target) == f"job:{job_id}")
            .order_by(col(OperatorActionRow.id).desc())
            .limit(HISTORY_MAX)
        )
        return JobRecord(
            status=to_status(row),
            steps=[to_step(each) for each in reversed((await self._session.scalars(events)).all())],
            actions=[to_action(each) for each in reversed((await self._session.scalars(actions)).all())],
        )

    async def target(self, job_id: JobId) -> JobTarget:
        """Raises JobNotFound."""
        row = await self._row(job_id)
        return JobTarget(WorkspaceId(row.workspace_id), row.kind, JobState(row.state), row.payload)

    async def _row(self, job_id: JobId) -> JobRow:
        row = await self._session.get(JobRow, job_id)
        if row is None:
            raise job_not_found()
        return row

    async def workers(self) -> Sequence[WorkerStatus]:
        return [
            WorkerStatus(
                id=row.id,
                queue=Queue(row.queue),
                state=WorkerState(row.state),
                engines=row.engines,
                software_version=row.software_version,
                slots=row.slots,
                last_seen_seconds=row.last_seen_seconds,
                job_ids=[JobId(each) for each in row.job_ids],
            )
            for row in await self._session.execute(WORKERS, {"limit": WORKERS_MAX})
        ]

    async def queues(self) -> Sequence[QueueStatus]:
        depths: defaultdict[str, dict[JobState, int]] = defaultdict(dict)
        for row in await self._session.execute(DEPTHS):
            depths[row.queue][JobState(row.state)] = row.jobs
        return [
            QueueStatus(
                queue=Queue(row.queue),
                is_paused=row.is_paused,
                running_max=row.running_max,
                slots=int(row.slots),
                depths=depths[row.queue],
                oldest_seconds=None if row.oldest_seconds is None else float(row.oldest_seconds),
            )
            for row in await self._session.execute(QUEUES, {"seen_seconds": SEEN_SECONDS})
        ]


def matching(wanted: JobFilter) -> Select[JobRow]:
    statement = select(JobRow)
    if wanted.state is not None:
        statement = statement.where(col(JobRow.state) == wanted.state)
    if wanted.kind is not None:
        statement = statement.where(col(JobRow.kind) == wanted.kind)
    if wanted.queue is not None:
        statement = statement.where(col(JobRow.queue) == wanted.queue)
    if wanted.workspace_id is not None:
        statement = statement.where(col(JobRow.workspace_id) == wanted.workspace_id)
    if wanted.since is not None:
        statement = statement.where(col(JobRow.created_at) >= wanted.since)
    return statement


def read_ids(cursor: str, *, field: str) -> tuple[UUID]:
    try:
        return (UUID(cursor),)
    except ValueError:
        raise Invalid("That cursor is not one of ours.", field=field) from None


def to_status(row: JobRow) -> JobStatus:
    return JobStatus(
        id=JobId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        subject_id=row.subject_id,
        kind=row.kind,
        queue=Queue(row.queue),
        state=JobState(row.state),
        attempts=row.attempts,
        attempts_max=row.attempts_max,
        lost=row.lost,
        requeues=row.requeues,
        epoch=row.epoch,
        worker_id=row.worker_id,
        error_code=row.error_code,
        error_message=row.error_message,
        created_at=row.created_at,
        run_at=row.run_at,
        started_at=row.started_at,
        lease_until=row.lease_until,
        cancel_requested_at=row.cancel_requested_at,
        finished_at=row.finished_at,
    )


def to_step(row: EventRow) -> JobStep:
    epoch = row.data.get("epoch")
    return JobStep(
        number=row.number,
        name=row.name,
        at=row.at,
        epoch=int(epoch) if epoch is not None else None,
        worker_id=row.data.get("worker_id"),
        error_code=row.data.get("error_code"),
    )


def to_action(row: OperatorActionRow) -> OperatorAction:
    return OperatorAction(row.at, row.operator, row.action, row.target, row.reason, row.before)
