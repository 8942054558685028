"""The background work that storyboards ask for: name, key and payload of its job."""

import math

from domain.identifiers import JobId
from domain.jobs.models import NewJob, Priority, Queue
from domain.storyboards.models import Storyboard

WRITE = "storyboards.write"
# A language model writes a long script part by part, each for minutes.
DEADLINE_SECONDS, FURTHER_SECONDS, FURTHER_CHARACTERS = 1800.0, 600.0, 8000


def write_job(storyboard: Storyboard, *, job_id: JobId) -> NewJob:
    """Answer the job that writes one storyboard; a second one of the same storyboard is not written down."""
    return NewJob(
        id=job_id,
        workspace_id=storyboard.workspace_id,
        kind=WRITE,
        queue=Queue.INTERNAL,
        payload={"storyboard_id": str(storyboard.id)},
        subject_id=storyboard.id,
        priority=Priority.INTERACTIVE,
        idempotency_key=f"{WRITE}:{storyboard.id}",
        deadline_seconds=_deadline_seconds(storyboard.script),
        estimated_seconds=3.0,
        attempts_max=3,
    )


def _deadline_seconds(script: str) -> float:
    further = max(0, math.ceil(len(script) / FURTHER_CHARACTERS) - 1)
    return DEADLINE_SECONDS + FURTHER_SECONDS * further
