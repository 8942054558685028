"""Where operators read how the engine stands, and what they move in it."""

from collections.abc import Sequence
from typing import Protocol

from domain.identifiers import JobId
from domain.jobs.models import JobState, Queue
from domain.jobs.operations import (
    JobFilter,
    JobRecord,
    JobStatus,
    OperatorOrder,
    QueueStatus,
    Requeued,
    WorkerState,
    WorkerStatus,
)
from domain.paging import Page, PageRequest


class JobOperations(Protocol):
    """All that operators may do; every change is one transaction with a note of who, why and how it was before."""

    async def list_jobs(self, wanted: JobFilter, page: PageRequest) -> Page[JobStatus]:
        """Newest first."""
        ...

    async def find_job(self, job_id: JobId) -> JobRecord:
        """Raises JobNotFound."""
        ...

    async def list_workers(self) -> Sequence[WorkerStatus]: ...

    async def list_queues(self) -> Sequence[QueueStatus]: ...

    async def pause_queue(self, order: OperatorOrder, queue: Queue) -> int:
        """Dispatch nothing more of it, and queue again what was dispatched and not begun: answer how many."""
        ...

    async def resume_queue(self, order: OperatorOrder, queue: Queue) -> None: ...

    async def set_worker_state(self, order: OperatorOrder, worker_id: str, state: WorkerState) -> None:
        """Give the worker no more jobs, or give it some again. Raises WorkerNotFound."""
        ...

    async def retry_job(self, order: OperatorOrder, job_id: JobId) -> None:
        """Queue a failed, dead or aborted job again with its counters at nought; its business goes on with it.

        Raises JobNotFound, JobMoveRefused, JobSuperseded.
        """
        ...

    async def set_job_aside(self, order: OperatorOrder, job_id: JobId) -> JobState:
        """Take an unfinished job out at once and let the reaper end it as dead; answer its state before.

        Raises JobNotFound, JobMoveRefused.
        """
        ...

    async def requeue_jobs(self, order: OperatorOrder, wanted: JobFilter) -> Requeued:
        """Retry the jobs that are meant, a bounded number of them, each by itself; what is refused is told."""
        ...
