"""The mutation resumeQueue."""

from typing import Annotated

import strawberry

from api.context import Info
from api.jobs.enums import Queue
from api.jobs.orders import Reason, order_of
from api.permissions import OPERATOR


@strawberry.type(description="The queue goes on.")
class QueueResumed:
    """Success; nothing is refused that is not an error."""

    queue: Queue = strawberry.field(description="The queue.")


@strawberry.type
class ResumeQueue:
    """The mutation resumeQueue."""

    @strawberry.mutation(
        description="Let a paused queue go on.",
        extensions=[OPERATOR],
    )
    async def resume_queue(
        self,
        info: Info,
        queue: Annotated[Queue, strawberry.argument(description="The queue.")],
        reason: Reason,
    ) -> QueueResumed:
        operations = info.context.services.operations
        await operations.resume_queue(order_of(info, reason), queue)
        return QueueResumed(queue=queue)
