"""The mutation retryJob."""

from typing import Annotated

import strawberry

from api.context import Info
from api.jobs.orders import JobNotFound, JobStateRefused, JobSuperseded, Reason, order_of
from api.node import local_id
from api.permissions import OPERATOR
from domain.identifiers import JobId
from domain.jobs import operations as facts


@strawberry.type(description="The job is queued again, its counters at nought; what it works for waits for it again.")
class JobRequeued:
    """Success."""

    job_id: strawberry.ID = strawberry.field(description="The job.")


RetryJobResult = Annotated[
    JobRequeued | JobNotFound | JobStateRefused | JobSuperseded,
    strawberry.union("RetryJobResult", description="What retrying a job can come to."),
]


@strawberry.type
class RetryJob:
    """The mutation retryJob."""

    @strawberry.mutation(
        description="Queue a failed, dead or aborted job again. A shot that failed with it waits for it again; where "
        "what it worked for has moved on, it is refused.",
        extensions=[OPERATOR],
    )
    async def retry_job(
        self,
        info: Info,
        job_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The job.")],
        reason: Reason,
    ) -> RetryJobResult:
        order, key = order_of(info, reason), JobId(local_id("Job", job_id))
        try:
            await info.context.services.operations.retry_job(order, key)
        except facts.JobNotFound as fact:
            return JobNotFound(message=fact.message)
        except facts.JobMoveRefused as fact:
            return JobStateRefused(message=fact.message)
        except facts.JobSuperseded as fact:
            return JobSuperseded(message=fact.message)
        return JobRequeued(job_id=job_id)
