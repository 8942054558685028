"""Jobs, workers and queues as operators see them."""

from datetime import datetime

import strawberry

from api.jobs.enums import JobState, Queue, WorkerState
from api.node import global_id
from domain.jobs.operations import (
    JobRecord,
    JobStatus,
    JobStep,
    OperatorAction,
    QueueStatus,
    WorkerStatus,
)


@strawberry.type(description="How one job stands. What it is about is told to nobody here.")
class Job:
    """A job as operators see it."""

    id: strawberry.ID = strawberry.field(description="Names this job.")
    kind: str = strawberry.field(description="What sort of work, such as `renders.make_keyframe`.")
    queue: Queue = strawberry.field(description="Who does it.")
    state: JobState = strawberry.field(description="Where it stands.")
    workspace_id: strawberry.ID = strawberry.field(description="The workspace that it works for.")
    attempts: int = strawberry.field(description="How often it has failed.")
    attempts_max: int = strawberry.field(description="How often it may fail.")
    lost: int = strawberry.field(description="How often its worker vanished.")
    requeues: int = strawberry.field(description="How often an operator had it taken up again.")
    epoch: int = strawberry.field(description="How often it was begun or fenced off; never goes back.")
    worker_id: str | None = strawberry.field(description="Who holds it, or held it last.")
    error_code: str | None = strawberry.field(description="The kind of its last failure.")
    error_message: str | None = strawberry.field(description="Its last failure in words.")
    created_at: datetime = strawberry.field(description="When it was written down.")
    run_at: datetime = strawberry.field(description="Not before this moment does it run.")
    started_at: datetime | None = strawberry.field(description="When it was last begun.")
    lease_until: datetime | None = strawberry.field(description="Until when its worker may be silent.")
    cancel_requested_at: datetime | None = strawberry.field(description="When somebody wanted it stopped.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")


@strawberry.type(description="One thing that happened to a job.")
class JobStory:
    """An event of a job's stream."""

    number: int = strawberry.field(description="Counts the job's events, without gaps.")
    name: str = strawberry.field(description="What happened, such as `JobStarted`.")
    at: datetime = strawberry.field(description="When.")
    epoch: int | None = strawberry.field(description="In which epoch of the job.")
    worker_id: str | None = strawberry.field(description="With which worker.")
    error_code: str | None = strawberry.field(description="Which kind of failure.")


@strawberry.type(description="Something that an operator did to the engine.")
class Audit:
    """A note of an operator's action."""

    at: datetime = strawberry.field(description="When.")
    operator: str = strawberry.field(description="Who.")
    action: str = strawberry.field(description="What, such as `retry_job`.")
    reason: str = strawberry.field(description="Why.")
    state_before: str | None = strawberry.field(description="The state that it was in before.")


@strawberry.type(description="A job with its history.")
class JobDetails:
    """A job in full."""

    job: Job = strawberry.field(description="How it stands.")
    events: list[JobStory] = strawberry.field(description="What happened to it, oldest first; the last 500.")
    audit: list[Audit] = strawberry.field(description="What operators did to it, oldest first; the last 500.")


@strawberry.type(description="A worker that asked for work within the last day.")
class Worker:
    """A worker as it was last seen."""

    id: str = strawberry.field(description="Names this worker.")
    queue: Queue = strawberry.field(description="The queue that it serves.")
    state: WorkerState = strawberry.field(description="Whether it is given jobs.")
    engines: list[str] = strawberry.field(description="The engines or kinds of job that it knows.")
    software_version: str = strawberry.field(description="The version of the software that it runs.")
    slots: int = strawberry.field(description="How many jobs it can hold.")
    last_seen_seconds: float = strawberry.field(description="Seconds since it was last heard.")
    load: int = strawberry.field(description="How many jobs it holds now.")
    job_ids: list[strawberry.ID] = strawberry.field(description="The jobs that it holds now.")


@strawberry.type(description="How many jobs of a queue are in one state.")
class QueueDepth:
    """One figure."""

    state: JobState = strawberry.field(description="The state; ended ones are not counted.")
    jobs: int = strawberry.field(description="How many.")


@strawberry.type(description="How a queue stands.")
class QueueOverview:
    """A queue with its figures."""

    queue: Queue = strawberry.field(description="Which queue.")
    is_paused: bool = strawberry.field(description="Whether nothing of it is dispatched.")
    running_max: int | None = strawberry.field(description="The most that may run at once; null for no cap.")
    slots: int = strawberry.field(description="The hands of all workers that were seen lately and are not drained.")
    depths: list[QueueDepth] = strawberry.field(description="Unfinished jobs by state, each counted up to 100,000.")
    oldest_seconds: float | None = strawberry.field(description="How long the oldest job that is due has waited.")


def present_job(status: JobStatus) -> Job:
    return Job(
        id=global_id("Job", status.id),
        kind=status.kind,
        queue=status.queue,
        state=status.state,
        workspace_id=global_id("Workspace", status.workspace_id),
        attempts=status.attempts,
        attempts_max=status.attempts_max,
        lost=status.lost,
        requeues=status.requeues,
        epoch=status.epoch,
        worker_id=status.worker_id,
        error_code=status.error_code,
        error_message=status.error_message,
        created_at=status.created_at,
        run_at=status.run_at,
        started_at=status.started_at,
        lease_until=status.lease_until,
        cancel_requested_at=status.cancel_requested_at,
        finished_at=status.finished_at,
    )


def present_details(record: JobRecord) -> JobDetails:
    return JobDetails(
        job=present_job(record.status),
        events=[present_step(step) for step in record.steps],
        audit=[present_action(action) for action in record.actions],
    )


def present_step(step: JobStep) -> JobStory:
    return JobStory(
        number=step.number,
        name=step.name,
        at=step.at,
        epoch=step.epoch,
        worker_id=step.worker_id,
        error_code=step.error_code,
    )


def present_action(action: OperatorAction) -> Audit:
    before = action.before.get("state")
    return Audit(
        at=action.at,
        operator=action.operator,
        action=action.action,
        reason=action.reason,
        state_before=None if before is None else str(before),
    )


def present_worker(worker: WorkerStatus) -> Worker:
    return Worker(
        id=worker.id,
        queue=worker.queue,
        state=worker.state,
        engines=list(worker.engines),
        software_version=worker.software_version,
        slots=worker.slots,
        last_seen_seconds=worker.last_seen_seconds,
        load=len(worker.job_ids),
        job_ids=[global_id("Job", each) for each in worker.job_ids],
    )


def present_queue(status: QueueStatus) -> QueueOverview:
    return QueueOverview(
        queue=status.queue,
        is_paused=status.is_paused,
        running_max=status.running_max,
        slots=status.slots,
        depths=[QueueDepth(state=state, jobs=jobs) for state, jobs in sorted(status.depths.items())],
        oldest_seconds=status.oldest_seconds,
    )
