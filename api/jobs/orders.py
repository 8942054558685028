"""Who gives an order, and what may be wrong with it."""

from typing import Annotated

import strawberry

from api.context import Info
from api.results import Refusal
from domain.jobs.operations import OperatorOrder

Reason = Annotated[
    str, strawberry.argument(description="Why, in 1 to 500 characters; kept with who did it and how it was before.")
]


def order_of(info: Info, reason: str) -> OperatorOrder:
    """The caller's order; raises Invalid for a reason that is empty, too long or cannot be kept."""
    return OperatorOrder(f"user:{info.context.caller.user_id}", reason)


@strawberry.type(description="There is no such job; ended ones are forgotten after a while.")
class JobNotFound(Refusal):
    """A fact."""


@strawberry.type(description="The job's state does not allow it.")
class JobStateRefused(Refusal):
    """A fact."""


@strawberry.type(
    description="What the job worked for was told of its end and has moved on; the message names the mutation that "
    "takes that up again."
)
class JobSuperseded(Refusal):
    """A fact."""


@strawberry.type(description="No worker of that id has asked for work lately.")
class WorkerNotFound(Refusal):
    """A fact."""
