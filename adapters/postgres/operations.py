"""What operators move: one function of migration 0011 each, in the caller's transaction as the jobs' role."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.events import StreamKind, stream_key, workspace_key
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import CANCEL_KEY, DISPATCH_KEY, MOVED_KEYS, JobState, Queue, queue_key
from domain.jobs.operations import (
    JobMoveRefused,
    JobNotFound,
    OperatorOrder,
    QueueNotFound,
    WorkerNotFound,
    WorkerState,
    require_retried,
)

REQUEUE = text("select job_requeue(:operator, :reason, :id)")
SET_ASIDE = text("select job_set_aside(:operator, :reason, :id)")
PAUSE = text("select queue_pause(:operator, :reason, :queue)")
RESUME = text("select queue_resume(:operator, :reason, :queue)")
SET_STATE = text("select worker_set_state(:operator, :reason, :id, :state)")
GRANT = text("select operator_grant(:operator, :reason, :email)")
REVOKE = text("select operator_revoke(:operator, :reason, :email)")
LIST = text("select u.email from operators o join users u on u.id = o.user_id order by u.email")


class PostgresOperations:
    """The moves of operators; each leaves a note, and what is refused leaves none."""

    def __init__(self, session: AsyncSession, *, workspace_id: WorkspaceId | None, hints: set[str]) -> None:
        self._session = session
        self._workspace_id = workspace_id
        self._hints = hints

    async def requeue(self, order: OperatorOrder, job_id: JobId) -> None:
        """Queue an ended job again. Raises JobNotFound, JobMoveRefused."""
        before = await self._session.scalar(REQUEUE, parameters(order) | {"id": job_id})
        if before is None:
            raise job_not_found()
        if before == "DEPENDENCY":
            raise JobMoveRefused("A job that it waits for ended without success; retry that one first.")
        require_retried(JobState(before))
        self._hint_moved(job_id)
        self._hints.update(MOVED_KEYS)

    async def set_aside(self, order: OperatorOrder, job_id: JobId) -> JobState:
        """Fence an unfinished job off and leave it to the reaper. Raises JobNotFound, JobMoveRefused."""
        before = await self._session.scalar(SET_ASIDE, parameters(order) | {"id": job_id})
        if before is None:
            raise job_not_found()
        if before == "CANCELING":
            raise JobMoveRefused("The job is being canceled.")
        if JobState(before).is_final:
            raise JobMoveRefused(f"A job that is {before} has ended already.")
        self._hint_moved(job_id)
        self._hints.add(CANCEL_KEY)
        return JobState(before)

    async def pause(self, order: OperatorOrder, queue: Queue) -> int:
        """Stop dispatching; answer how many deliveries went back. Raises QueueNotFound."""
        returned = await self._session.scalar(PAUSE, parameters(order) | {"queue": str(queue)})
        if returned is None:
            raise QueueNotFound("There is no such queue.")
        return int(returned)

    async def resume(self, order: OperatorOrder, queue: Queue) -> None:
        """Dispatch again. Raises QueueNotFound."""
        if not await self._session.scalar(RESUME, parameters(order) | {"queue": str(queue)}):
            raise QueueNotFound("There is no such queue.")
        self._hints.update(MOVED_KEYS)

    async def set_worker_state(self, order: OperatorOrder, worker_id: str, state: WorkerState) -> None:
        """Let the worker drain, or work again; it hears of it when it is rung. Raises WorkerNotFound."""
        asked = parameters(order) | {"id": worker_id, "state": str(state)}
        if await self._session.scalar(SET_STATE, asked) is None:
            raise WorkerNotFound("No worker of that id has asked for work lately.")
        self._hints.update((DISPATCH_KEY, CANCEL_KEY, *map(queue_key, Queue)))

    async def grant(self, order: OperatorOrder, email: str) -> bool:
        """Make a user an operator; False where there is no such user, or they are one."""
        return bool(await self._session.scalar(GRANT, parameters(order) | {"email": email}))

    async def revoke(self, order: OperatorOrder, email: str) -> bool:
        """Let a user be an operator no more; False where they were none."""
        return bool(await self._session.scalar(REVOKE, parameters(order) | {"email": email}))

    async def list_operators(self) -> list[str]:
        return list((await self._session.scalars(LIST)).all())

    def _hint_moved(self, job_id: JobId) -> None:
        self._hints.add(stream_key(StreamKind.JOB, job_id))
        if self._workspace_id is not None:
            self._hints.add(workspace_key(self._workspace_id))


def parameters(order: OperatorOrder) -> dict[str, object]:
    return {"operator": order.operator, "reason": order.reason}


def job_not_found() -> JobNotFound:
    return JobNotFound("There is no such job; ended ones are forgotten after a while.")
