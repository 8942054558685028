"""The mutation resumeWorker."""

from typing import Annotated

import strawberry

from api.context import Info
from api.jobs.orders import Reason, WorkerNotFound, order_of
from api.permissions import OPERATOR
from domain.jobs.operations import WorkerNotFound as Absent
from domain.jobs.operations import WorkerState, checked_worker_id


@strawberry.type(description="The worker is given jobs again.")
class WorkerResumed:
    """Success."""

    worker_id: str = strawberry.field(description="The worker.")


ResumeWorkerResult = Annotated[
    WorkerResumed | WorkerNotFound,
    strawberry.union("ResumeWorkerResult", description="What it can come to."),
]


@strawberry.type
class ResumeWorker:
    """The mutation resumeWorker."""

    @strawberry.mutation(
        description="Let a drained worker that still runs work again.",
        extensions=[OPERATOR],
    )
    async def resume_worker(
        self,
        info: Info,
        worker_id: Annotated[str, strawberry.argument(name="id", description="The worker.")],
        reason: Reason,
    ) -> ResumeWorkerResult:
        order, operations = order_of(info, reason), info.context.services.operations
        try:
            await operations.set_worker_state(order, checked_worker_id(worker_id), WorkerState.READY)
        except Absent as fact:
            return WorkerNotFound(message=fact.message)
        return WorkerResumed(worker_id=worker_id)
