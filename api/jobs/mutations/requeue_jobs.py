"""The mutation requeueJobs."""

from typing import Annotated

import strawberry

from api.context import Info
from api.jobs.filters import JobFilterInput
from api.jobs.orders import Reason, order_of
from api.node import global_id
from api.permissions import OPERATOR


@strawberry.type(description="A job that was not queued again.")
class JobRefusal:
    """One job and why."""

    job_id: strawberry.ID = strawberry.field(description="The job.")
    message: str = strawberry.field(description="Why, in a sentence.")


@strawberry.type(description="What was queued again, and what was not.")
class JobsRequeued:
    """The outcome."""

    job_ids: list[strawberry.ID] = strawberry.field(description="The jobs that are queued again.")
    refused: list[JobRefusal] = strawberry.field(description="Those that were left as they are.")
    has_more: bool = strawberry.field(description="Whether there are more than were looked at.")


@strawberry.type
class RequeueJobs:
    """The mutation requeueJobs."""

    @strawberry.mutation(
        description="Retry all dead jobs that are meant, or failed or aborted ones where the filter says so; each by "
        "itself, at most 1,000 at once.",
        extensions=[OPERATOR],
    )
    async def requeue_jobs(
        self,
        info: Info,
        wanted: Annotated[JobFilterInput, strawberry.argument(name="filter", description="Which jobs.")],
        reason: Reason,
    ) -> JobsRequeued:
        came = await info.context.services.operations.requeue_jobs(order_of(info, reason), wanted.read())
        return JobsRequeued(
            job_ids=[global_id("Job", each) for each in came.job_ids],
            refused=[JobRefusal(job_id=global_id("Job", each.job_id), message=each.reason) for each in came.refused],
            has_more=came.has_more,
        )
