"""How the engine stands, for operators: jobs, their histories, workers and queues; never what the work is about."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.postgres.job_tables import EventRow, JobRow, OperatorActionRow
from adapters.postgres.operations import job_not_found
from adapters.postgres.paging import highest_first
from adapters.postgres.queue_counts import COUNTED_MAX, look_at_queues
from domain.errors import Invalid
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.load import QueueLoad
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
CONTROLS = text(
    "select c.queue, c.running_max, (select count(*) from"
    " (select from jobs where queue = c.queue and state = 'blocked' limit :counted) b) as blocked"
    " from queue_controls c order by c.queue"
)
# A job's id is made where it is ordered, by another clock than its row's.
CLOCKS_APART = timedelta(hours=1)


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
        loads = {load.queue: load for load in await look_at_queues(self._session)}
        controls = await self._session.execute(CONTROLS, {"counted": COUNTED_MAX})
        return [to_queue(loads[Queue(row.queue)], row.running_max, row.blocked) for row in controls]


def matching(wanted: JobFilter) -> Select[JobRow]:
    statement = select(JobRow)
    if wanted.state is not None:
        # Written into the statement: a plan that is kept for every state would not use the index of some.
        statement = statement.where(col(JobRow.state) == literal(str(wanted.state), literal_execute=True))
    if wanted.kind is not None:
        statement = statement.where(col(JobRow.kind) == wanted.kind)
    if wanted.queue is not None:
        statement = statement.where(col(JobRow.queue) == wanted.queue)
    if wanted.workspace_id is not None:
        statement = statement.where(col(JobRow.workspace_id) == wanted.workspace_id)
    if wanted.since is not None:
        earliest = uuid7_from(wanted.since - CLOCKS_APART)
        statement = statement.where(col(JobRow.created_at) >= wanted.since, col(JobRow.id) >= earliest)
    return statement


def uuid7_from(moment: datetime) -> UUID:
    """The least id of those made from the moment on; see RFC 9562."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def to_queue(load: QueueLoad, running_max: int | None, blocked: int) -> QueueStatus:
    depths = {
        JobState.QUEUED: load.queued + load.postponed,
        JobState.DISPATCHED: load.dispatched,
        JobState.RUNNING: load.running,
        JobState.BLOCKED: blocked,
    }
    return QueueStatus(
        queue=load.queue,
        is_paused=load.is_paused,
        running_max=running_max,
        slots=load.slots,
        depths={state: jobs for state, jobs in depths.items() if jobs},
        oldest_seconds=load.oldest_seconds if load.queued else None,
    )


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
