"""The mutation drainWorker."""

from typing import Annotated

import strawberry

from api.context import Info
from api.jobs.orders import Reason, WorkerNotFound, order_of
from api.permissions import OPERATOR
from domain.jobs.operations import WorkerNotFound as Absent
from domain.jobs.operations import WorkerState, checked_worker_id


@strawberry.type(description="The worker is given no more jobs.")
class WorkerDrains:
    """Success."""

    worker_id: str = strawberry.field(description="The worker.")


DrainWorkerResult = Annotated[
    WorkerDrains | WorkerNotFound,
    strawberry.union("DrainWorkerResult", description="What it can come to."),
]


@strawberry.type
class DrainWorker:
    """The mutation drainWorker."""

    @strawberry.mutation(
        description="Give a worker no more jobs: it ends what it holds or hands it back within its limit, and idles.",
        extensions=[OPERATOR],
    )
    async def drain_worker(
        self,
        info: Info,
        worker_id: Annotated[str, strawberry.argument(name="id", description="The worker.")],
        reason: Reason,
    ) -> DrainWorkerResult:
        order, operations = order_of(info, reason), info.context.services.operations
        try:
            await operations.set_worker_state(order, checked_worker_id(worker_id), WorkerState.DRAINING)
        except Absent as fact:
            return WorkerNotFound(message=fact.message)
        return WorkerDrains(worker_id=worker_id)
