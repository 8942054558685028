"""Jobs, workers and queues, for operators."""

from typing import Annotated

import strawberry

from api.context import Info
from api.jobs.filters import JobFilterInput
from api.jobs.types import (
    Job,
    JobDetails,
    QueueOverview,
    Worker,
    present_details,
    present_job,
    present_queue,
    present_worker,
)
from api.node import local_id
from api.paging import Connection, Paged, connection
from api.permissions import OPERATOR
from domain.identifiers import JobId
from domain.jobs.operations import JobFilter
from domain.jobs.operations import JobNotFound as Absent
from domain.paging import PageRequest


@strawberry.type
class JobQueries:
    """How the engine stands."""

    @strawberry.field(description="Jobs of all workspaces, newest first.", extensions=[OPERATOR, Paged()])
    async def jobs(
        self,
        info: Info,
        page: PageRequest,
        wanted: Annotated[
            JobFilterInput | None, strawberry.argument(name="filter", description="Which jobs; all when left out.")
        ] = None,
    ) -> Connection[Job]:
        operations = info.context.services.operations
        return connection(await operations.list_jobs(wanted.read() if wanted else JobFilter(), page), present_job)

    @strawberry.field(
        description="One job with its history and what operators did to it; null when there is none.",
        extensions=[OPERATOR],
    )
    async def job(
        self,
        info: Info,
        job_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The job.")],
    ) -> JobDetails | None:
        try:
            record = await info.context.services.operations.find_job(JobId(local_id("Job", job_id)))
        except Absent:
            return None
        return present_details(record)

    @strawberry.field(description="Workers that were seen lately, at most 1,000.", extensions=[OPERATOR])
    async def workers(self, info: Info) -> list[Worker]:
        return [present_worker(each) for each in await info.context.services.operations.list_workers()]

    @strawberry.field(description="All queues.", extensions=[OPERATOR])
    async def queues(self, info: Info) -> list[QueueOverview]:
        return [present_queue(each) for each in await info.context.services.operations.list_queues()]
