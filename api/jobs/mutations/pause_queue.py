"""The mutation pauseQueue."""

from typing import Annotated

import strawberry

from api.context import Info
from api.jobs.enums import Queue
from api.jobs.orders import Reason, order_of
from api.permissions import OPERATOR


@strawberry.type(description="Nothing of the queue is dispatched.")
class QueuePaused:
    """Success; nothing is refused that is not an error."""

    queue: Queue = strawberry.field(description="The queue.")
    returned: int = strawberry.field(description="How many that were dispatched and not begun went back.")


@strawberry.type
class PauseQueue:
    """The mutation pauseQueue."""

    @strawberry.mutation(
        description="Dispatch nothing more of a queue. What was dispatched and not begun goes back; what runs goes on.",
        extensions=[OPERATOR],
    )
    async def pause_queue(
        self,
        info: Info,
        queue: Annotated[Queue, strawberry.argument(description="The queue.")],
        reason: Reason,
    ) -> QueuePaused:
        operations = info.context.services.operations
        returned = await operations.pause_queue(order_of(info, reason), queue)
        return QueuePaused(queue=queue, returned=returned)
