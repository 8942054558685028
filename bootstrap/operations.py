"""What operators do, in transactions of the jobs' role: the job's move and what its business makes of it together."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from adapters.postgres.work import PostgresWork
from bootstrap.reviving import revive
from domain.errors import Conflict, Invalid, NotFound
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import JobState, Queue
from domain.jobs.operations import (
    RETRIED_STATES,
    JobFilter,
    JobRecord,
    JobStatus,
    OperatorOrder,
    QueueStatus,
    Refused,
    Requeued,
    WorkerState,
    WorkerStatus,
    require_retried,
)
from domain.paging import PAGE_ITEMS_MAX, Page, PageRequest

REQUEUED_PAGES_MAX = 10


class OpenWork(Protocol):
    """Opens a transaction of the jobs' role."""

    def __call__(self, workspace_id: WorkspaceId | None = None) -> AbstractAsyncContextManager[PostgresWork]: ...


class Operations:
    """The port `JobOperations` over the real stores, and who may use it."""

    def __init__(self, open_work: OpenWork, *, now: Callable[[], datetime]) -> None:
        self._open_work = open_work
        self._now = now

    async def list_jobs(self, wanted: JobFilter, page: PageRequest) -> Page[JobStatus]:
        async with self._open_work() as work:
            return await work.operation_reads.page(wanted, page)

    async def find_job(self, job_id: JobId) -> JobRecord:
        async with self._open_work() as work:
            return await work.operation_reads.find(job_id)

    async def list_workers(self) -> Sequence[WorkerStatus]:
        async with self._open_work() as work:
            return await work.operation_reads.workers()

    async def list_queues(self) -> Sequence[QueueStatus]:
        async with self._open_work() as work:
            return await work.operation_reads.queues()

    async def pause_queue(self, order: OperatorOrder, queue: Queue) -> int:
        async with self._open_work() as work:
            return await work.operations.pause(order, queue)

    async def resume_queue(self, order: OperatorOrder, queue: Queue) -> None:
        async with self._open_work() as work:
            await work.operations.resume(order, queue)

    async def set_worker_state(self, order: OperatorOrder, worker_id: str, state: WorkerState) -> None:
        async with self._open_work() as work:
            await work.operations.set_worker_state(order, worker_id, state)

    async def retry_job(self, order: OperatorOrder, job_id: JobId) -> None:
        async with self._open_work() as work:
            target = await work.operation_reads.target(job_id)
        require_retried(target.state)
        # The business's rows are locked before the job's, as everywhere.
        async with self._open_work(target.workspace_id) as work:
            await revive(work, kind=target.kind, payload=target.payload, now=self._now())
            await work.operations.requeue(order, job_id)

    async def set_job_aside(self, order: OperatorOrder, job_id: JobId) -> JobState:
        async with self._open_work() as work:
            return await work.operations.set_aside(order, job_id)

    async def requeue_jobs(self, order: OperatorOrder, wanted: JobFilter) -> Requeued:
        wanted = replace(wanted, state=wanted.state or JobState.DEAD)
        if wanted.state not in RETRIED_STATES:
            raise Invalid("Only failed, dead and aborted jobs are taken up again.", field="state")
        done: list[JobId] = []
        refused: list[Refused] = []
        after, has_more = None, True
        for _ in range(REQUEUED_PAGES_MAX):
            page = await self.list_jobs(wanted, PageRequest(first=PAGE_ITEMS_MAX, after=after))
            for edge in page.edges:
                await self._requeue(order, edge.item.id, done, refused)
            has_more = page.has_next
            if not has_more:
                break
            after = page.edges[-1].cursor
        return Requeued(done, refused, has_more)

    async def _requeue(self, order: OperatorOrder, job_id: JobId, done: list[JobId], refused: list[Refused]) -> None:
        try:
            await self.retry_job(order, job_id)
        except (Conflict, NotFound) as fact:
            refused.append(Refused(job_id, fact.message))
        else:
            done.append(job_id)

    async def grant(self, order: OperatorOrder, email: str) -> bool:
        """Make a user an operator; False where there is no such user, or they are one."""
        async with self._open_work() as work:
            return await work.operations.grant(order, email)

    async def revoke(self, order: OperatorOrder, email: str) -> bool:
        """Let a user be an operator no more; False where they were none."""
        async with self._open_work() as work:
            return await work.operations.revoke(order, email)

    async def list_operators(self) -> Sequence[str]:
        """Their e-mail addresses."""
        async with self._open_work() as work:
            return await work.operations.list_operators()
