"""Jobs inside a transaction: written down and cancelled by the business, reported on by whoever holds the fence."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.commits import before_commit
from adapters.postgres.job_rows import enqueue_parameters, to_json
from domain.events import Json, StreamKind, stream_key, workspace_key
from domain.identifiers import JobId, ObjectId, WorkspaceId
from domain.jobs.errors import FenceLost, WaitsForUnknown
from domain.jobs.models import (
    CANCEL_KEY,
    DISPATCH_KEY,
    MOVED_KEYS,
    Cancellation,
    CancelOutcome,
    Fence,
    JobState,
    NewJob,
    Queue,
    queue_key,
)
from domain.jobs.policies import Failure
from failpoints import Commit

ENQUEUE = text(
    "select job_enqueue(:id, :workspace_id, :kind, :queue, cast(:payload as jsonb), cast(:inputs as jsonb),"
    " cast(:options as jsonb))"
)
KNOWN = text("select count(*) from jobs where id = any(cast(:ids as uuid[])) and workspace_id = :workspace_id")
CANCEL = text("select job_cancel(:workspace_id, :id, :reason)")
CANCEL_SUBJECT = text("select job_id, before from job_cancel_subject(:workspace_id, :subject_id, :reason)")
HOLDS = text("select job_holds(:id, :epoch, :claim_id)")
IS_HELD = text("select 1 from jobs where id = :id and epoch = :epoch and claim_id = :claim_id and state = 'running'")
FINISH = text("select job_finish(:id, :epoch, :claim_id, :worked_seconds, cast(:result as jsonb))")
FAIL = text("select job_fail(:id, :epoch, :claim_id, :code, :message, :retry_seconds)")
RELEASE = text("select job_release(:id, :epoch, :claim_id)")
HOLD_CHECKPOINT = text("select checkpoint_id from job_hold_checkpoint(:id, :epoch, :claim_id)")
KEEP_CHECKPOINT = text("select job_keep_checkpoint(:id, :object_id)")
BURY = text("select workspace_id from job_bury(:id)")

CANCEL_OUTCOMES: Mapping[JobState, CancelOutcome] = {
    JobState.BLOCKED: CancelOutcome.CANCELED,
    JobState.QUEUED: CancelOutcome.CANCELED,
    JobState.DISPATCHED: CancelOutcome.CANCELED,
    JobState.RUNNING: CancelOutcome.CANCELLATION_REQUESTED,
}


class PostgresJobs:
    """Writes jobs down in the transaction that wants them."""

    def __init__(self, session: AsyncSession, *, workspace_id: WorkspaceId | None, hints: set[str]) -> None:
        self._session = session
        self._workspace_id = workspace_id
        self._hints = hints

    async def enqueue(self, job: NewJob) -> bool:
        await self._require_known(job)
        is_new = bool(await self._session.scalar(ENQUEUE, enqueue_parameters(job)))
        if is_new:
            self._hint(job.id, job.workspace_id)
            self._hints.add(queue_key(job.queue) if job.queue is Queue.INTERNAL else DISPATCH_KEY)
            await before_commit(self._session, Commit.ACCEPT, job.id, job.kind)
        return is_new

    async def _require_known(self, job: NewJob) -> None:
        awaited = list(set(job.waits_for))
        parameters = {"ids": awaited, "workspace_id": job.workspace_id}
        if awaited and await self._session.scalar(KNOWN, parameters) != len(awaited):
            raise WaitsForUnknown("A job that it is to wait for is not there.", field="waits_for")

    async def cancel(self, job_id: JobId, reason: str) -> CancelOutcome:
        parameters = {"workspace_id": self._workspace_id, "id": job_id, "reason": reason}
        before = await self._session.scalar(CANCEL, parameters)
        if before is None:
            return CancelOutcome.NOT_FOUND
        outcome = CANCEL_OUTCOMES.get(JobState(before), CancelOutcome.ALREADY_FINISHED)
        if outcome is not CancelOutcome.ALREADY_FINISHED:
            self._hint_cancelled(job_id, is_running=before == JobState.RUNNING)
        return outcome

    async def cancel_subject(self, subject_id: UUID, reason: str) -> Cancellation:
        parameters = {"workspace_id": self._workspace_id, "subject_id": subject_id, "reason": reason}
        rows = (await self._session.execute(CANCEL_SUBJECT, parameters)).all()
        for row in rows:
            self._hint_cancelled(row.job_id, is_running=row.before == JobState.RUNNING)
        asked = sum(row.before == JobState.RUNNING for row in rows)
        return Cancellation(ended=len(rows) - asked, asked=asked)

    def _hint_cancelled(self, job_id: UUID, *, is_running: bool) -> None:
        if is_running:  # nobody else has to ask whether it is his
            self._hints.add(CANCEL_KEY)
        if self._workspace_id is not None:
            self._hint(job_id, self._workspace_id)

    def _hint(self, job_id: UUID, workspace_id: WorkspaceId) -> None:
        self._hints.update((stream_key(StreamKind.JOB, job_id), workspace_key(workspace_id)))


class PostgresHeldJobs:
    """What the holder of a fence writes; a stale fence is answered FenceLost and the transaction must not commit."""

    def __init__(self, session: AsyncSession, *, workspace_id: WorkspaceId | None, hints: set[str]) -> None:
        self._session = session
        self._workspace_id = workspace_id
        self._hints = hints

    async def check(self, fence: Fence) -> None:
        if not await self._session.scalar(HOLDS, fence_parameters(fence)):
            raise fence_lost(fence)
        await before_commit(self._session, Commit.STEP, fence.job_id)

    async def is_held(self, fence: Fence) -> bool:
        return await self._session.scalar(IS_HELD, fence_parameters(fence)) is not None

    async def finish(self, fence: Fence, *, worked_seconds: float, result: Mapping[str, Json]) -> None:
        parameters = fence_parameters(fence) | {"worked_seconds": worked_seconds, "result": to_json(dict(result))}
        state = await self._session.scalar(FINISH, parameters)
        if state != JobState.SUCCEEDED:
            raise fence_lost(fence)
        self._hint(fence)
        await before_commit(self._session, Commit.FINISH, fence.job_id)

    async def fail(self, fence: Fence, failure: Failure, *, retry_seconds: float | None) -> JobState:
        parameters = fence_parameters(fence) | {
            "code": str(failure.code),
            "message": failure.message[:2000],
            "retry_seconds": retry_seconds,
        }
        state = self._moved(fence, await self._session.scalar(FAIL, parameters))
        await before_commit(self._session, Commit.FAIL, fence.job_id)
        return state

    async def release(self, fence: Fence) -> JobState:
        state = self._moved(fence, await self._session.scalar(RELEASE, fence_parameters(fence)))
        await before_commit(self._session, Commit.RELEASE, fence.job_id)
        return state

    async def hold_checkpoint(self, fence: Fence) -> ObjectId | None:
        row = (await self._session.execute(HOLD_CHECKPOINT, fence_parameters(fence))).one_or_none()
        if row is None:
            raise fence_lost(fence)
        return None if row.checkpoint_id is None else ObjectId(row.checkpoint_id)

    async def keep_checkpoint(self, fence: Fence, object_id: ObjectId) -> None:
        await self._session.execute(KEEP_CHECKPOINT, {"id": fence.job_id, "object_id": object_id})

    async def bury(self, job_id: JobId) -> bool:
        workspace_id = await self._session.scalar(BURY, {"id": job_id})
        if workspace_id is None:
            return False
        self._hints.update((stream_key(StreamKind.JOB, job_id), workspace_key(WorkspaceId(workspace_id))))
        return True

    def _moved(self, fence: Fence, state: str | None) -> JobState:
        if state is None:
            raise fence_lost(fence)
        self._hint(fence)
        return JobState(state)

    def _hint(self, fence: Fence) -> None:
        self._hints.update((stream_key(StreamKind.JOB, fence.job_id), *MOVED_KEYS))
        if self._workspace_id is not None:
            self._hints.add(workspace_key(self._workspace_id))


def fence_parameters(fence: Fence) -> dict[str, object]:
    return {"id": fence.job_id, "epoch": fence.epoch, "claim_id": fence.claim_id}


def fence_lost(fence: Fence) -> FenceLost:
    return FenceLost(f"Job {fence.job_id} is no longer held under epoch {fence.epoch}.")
