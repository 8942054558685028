"""The mutation setJobAside."""

from typing import Annotated

import strawberry

from api.context import Info
from api.jobs.enums import JobState
from api.jobs.orders import JobNotFound, JobStateRefused, Reason, order_of
from api.node import local_id
from api.permissions import OPERATOR
from domain.identifiers import JobId
from domain.jobs import operations as facts


@strawberry.type(description="The job is given to nobody any more, and ends as dead within a moment.")
class JobSetAside:
    """Success."""

    job_id: strawberry.ID = strawberry.field(description="The job.")
    state_before: JobState = strawberry.field(description="The state that it was in.")


SetJobAsideResult = Annotated[
    JobSetAside | JobNotFound | JobStateRefused,
    strawberry.union("SetJobAsideResult", description="What setting a job aside can come to."),
]


@strawberry.type
class SetJobAside:
    """The mutation setJobAside."""

    @strawberry.mutation(
        description="Take an unfinished job out. Nothing that a worker still reports of it counts from now on; what it "
        "worked for is told that it failed, with the reason.",
        extensions=[OPERATOR],
    )
    async def set_job_aside(
        self,
        info: Info,
        job_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The job.")],
        reason: Reason,
    ) -> SetJobAsideResult:
        order, key = order_of(info, reason), JobId(local_id("Job", job_id))
        try:
            before = await info.context.services.operations.set_job_aside(order, key)
        except facts.JobNotFound as fact:
            return JobNotFound(message=fact.message)
        except facts.JobMoveRefused as fact:
            return JobStateRefused(message=fact.message)
        return JobSetAside(job_id=job_id, state_before=before)
