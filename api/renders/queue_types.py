"""A render's place in the queues as clients see it."""

from datetime import datetime

import strawberry

import api.renders.enums as _  # noqa: F401 - the enums get their descriptions there
from domain.renders import queueing
from domain.renders.queueing import EstimateBasis, RenderQueueState


@strawberry.type(description="Where a render stands in the queues now. Estimates suppose that nothing more is ordered.")
class RenderQueue:
    """A render's place and what is expected of it."""

    state: RenderQueueState = strawberry.field(description="What it waits for.")
    position: int | None = strawberry.field(
        description="How many jobs are taken before its first waiting job in the fair order of all workspaces. Counted "
        "where few wait, estimated from shares where many do. Null where none of its jobs waits to be taken."
    )
    waiting_jobs: int = strawberry.field(description="How many of its jobs wait.")
    running_jobs: int = strawberry.field(description="How many of its jobs are worked on.")
    estimated_wait_seconds: float | None = strawberry.field(
        description="How long until the next of its waiting jobs is worked on. Null where none waits or none can tell."
    )
    estimated_remaining_seconds: float | None = strawberry.field(
        description="How long until it is finished. Null when it is over, and while a queue that it needs is paused or "
        "has no worker."
    )
    estimated_end_at: datetime | None = strawberry.field(description="When that will be.")
    basis: EstimateBasis = strawberry.field(description="What the seconds of its own work come from.")
    workers: int = strawberry.field(description="How many live workers know its engine.")


def present_queue(queue: queueing.RenderQueue) -> RenderQueue:
    return RenderQueue(
        state=queue.state,
        position=queue.position,
        waiting_jobs=queue.waiting_jobs,
        running_jobs=queue.running_jobs,
        estimated_wait_seconds=rounded(queue.wait_seconds),
        estimated_remaining_seconds=rounded(queue.remaining_seconds),
        estimated_end_at=queue.end_at,
        basis=queue.basis,
        workers=queue.workers,
    )


def rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
