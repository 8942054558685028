"""Between rows of the job engine and what the domain calls them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from adapters.postgres.job_tables import JobRow
from domain.events import Json
from domain.identifiers import JobId, ObjectId, WorkspaceId
from domain.jobs.models import CHECKPOINT, ClaimedJob, EndedJob, Fence, JobInput, JobState, NewJob


def to_json(value: Mapping[str, Json] | Sequence[Json]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def enqueue_parameters(job: NewJob) -> dict[str, object]:
    options: dict[str, Json] = {
        "subject_id": str(job.subject_id) if job.subject_id else None,
        "priority": int(job.priority),
        "idempotency_key": job.idempotency_key,
        "attempts_max": job.attempts_max,
        "deadline_seconds": job.deadline_seconds,
        "estimated_seconds": job.estimated_seconds,
        "run_at": job.run_at.isoformat() if job.run_at else None,
        "affinity": job.affinity,
        "version": job.version,
        "start_before": job.start_before.isoformat() if job.start_before else None,
        "waits_for": [str(each) for each in job.waits_for],
    }
    inputs: list[Json] = [{"name": each.name, "object_id": str(each.object_id)} for each in job.inputs]
    return {
        "id": job.id,
        "workspace_id": job.workspace_id,
        "kind": job.kind,
        "queue": str(job.queue),
        "payload": to_json(dict(job.payload)),
        "inputs": to_json(inputs),
        "options": to_json(options),
    }


@dataclass(frozen=True, slots=True)
class ClaimedRow:
    """The columns of a job that whoever takes it needs, in this order."""

    id: UUID
    workspace_id: UUID
    epoch: int
    claim_id: UUID | None
    kind: str
    payload: Mapping[str, Json]
    inputs: Sequence[Mapping[str, str]]
    subject_id: UUID | None
    attempts: int
    attempts_max: int
    lost: int
    deadline_seconds: float
    command_version: int | None
    affinity: str | None
    delivery: int
    created_at: datetime
    run_at: datetime
    started_at: datetime | None
    checkpoint_id: UUID | None


CLAIMED_COLUMNS = ", ".join(each.name for each in fields(ClaimedRow))


def to_claimed_job(row: JobRow | ClaimedRow) -> ClaimedJob:
    if row.claim_id is None:
        raise ValueError(f"Job {row.id} was never claimed.")
    return ClaimedJob(
        fence=Fence(JobId(row.id), row.epoch, row.claim_id),
        workspace_id=WorkspaceId(row.workspace_id),
        kind=row.kind,
        payload=row.payload,
        inputs=job_inputs(row),
        subject_id=row.subject_id,
        attempts=row.attempts,
        attempts_max=row.attempts_max,
        lost=row.lost,
        deadline_seconds=row.deadline_seconds,
        version=row.command_version or 1,
        affinity=row.affinity,
        waited_seconds=waited_seconds(row),
        delivery=row.delivery,
    )


def job_inputs(row: JobRow | ClaimedRow) -> tuple[JobInput, ...]:
    """What the job was written down with, and what an earlier attempt at it saved."""
    inputs = tuple(JobInput(each["name"], ObjectId(UUID(each["object_id"]))) for each in row.inputs)
    if row.checkpoint_id is None:
        return inputs
    return (*inputs, JobInput(CHECKPOINT, ObjectId(row.checkpoint_id)))


def waited_seconds(row: JobRow | ClaimedRow) -> float:
    """How long the job was due before this attempt took it, by the database's clock."""
    if row.started_at is None:
        return 0.0
    return max(0.0, (row.started_at - max(row.run_at, row.created_at)).total_seconds())


def to_doomed_job(row: JobRow) -> EndedJob:
    """What the job will be once it is buried."""
    if row.aside_reason is not None:
        state, code, message = JobState.DEAD, "SET_ASIDE", row.aside_reason
    elif row.state == JobState.RUNNING:
        state, code, message = JobState.DEAD, "WORKER_LOST", "Every worker that took this job was lost."
    else:
        state, code, message = JobState.ABORTED, "DEADLINE", "The job could not start in time."
    return EndedJob(
        id=JobId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        kind=row.kind,
        payload=row.payload,
        subject_id=row.subject_id,
        state=state,
        failure_code=code,
        failure_message=message,
    )
