"""The background work that storyboards ask for: name, key and payload of its job."""

from domain.identifiers import JobId
from domain.jobs.models import NewJob, Priority, Queue
from domain.storyboards.models import Storyboard

WRITE = "storyboards.write"


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
        # A language model writes a long script for minutes.
        deadline_seconds=1800.0,
        estimated_seconds=3.0,
        attempts_max=3,
    )
