"""From a job's own progress to that of the thing it works on."""

from domain.events import Progress
from domain.jobs.models import ClaimedJob


def job_progress(job: ClaimedJob, fraction: float, *, preview: str | None = None) -> Progress | None:
    """Place the job's 0..1 in its part's range, as the payload's `progress` says; None when nobody is to be told."""
    wanted = job.payload.get("progress")
    if job.subject_id is None or not isinstance(wanted, dict):
        return None
    part, epoch = wanted.get("part", job.kind), wanted.get("epoch", 0)
    start, end = wanted.get("from", 0.0), wanted.get("to", 1.0)
    if not (isinstance(start, int | float) and isinstance(end, int | float) and isinstance(epoch, int)):
        return None
    done = start + (end - start) * min(1.0, max(0.0, fraction))
    return Progress(job.subject_id, str(part), epoch, done, preview)
