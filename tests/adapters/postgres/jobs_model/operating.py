"""What operators do, in Python: each changes the model as it must change the engine, and answers the same."""

from dataclasses import replace
from uuid import UUID

from domain.jobs.lifecycle import Move
from domain.jobs.models import JobState
from tests.adapters.postgres.jobs_model.model import LOST_MAX, Model, ModelJob, seconds


def pause(model: Model) -> int:
    """Nothing is given out any more, and what nobody has taken goes back."""
    model.is_paused = True
    return len(model.return_deliveries(0.0))


def requeue(model: Model, job_id: UUID) -> str:
    job = model.jobs[job_id]
    before = job.state
    if not job.can(Move.REQUEUE):
        return before
    parents = [model.jobs[each] for each in job.waits]
    if any(parent.state.is_final and parent.state is not JobState.SUCCEEDED for parent in parents):
        return "DEPENDENCY"
    job.move(Move.REQUEUE, "JobRequeued")
    job.open_waits = {parent.new.id for parent in parents if parent.state is not JobState.SUCCEEDED}
    if job.open_waits:
        job.state = JobState.BLOCKED
    begin_anew(job, model)
    return before


def begin_anew(job: ModelJob, model: Model) -> None:
    """The counters are at nought; the epoch and the number of the delivery go on."""
    job.new = replace(job.new, start_before=None)
    job.settled, job.run_at, job.attempts, job.lost, job.worked_seconds = job.delivery, model.now, 0, 0, 0.0
    job.dispatched_at = job.started_at = job.deadline_at = job.worker_id = job.claim_id = None
    job.is_cancel_requested = job.is_aside = False


def set_aside(model: Model, job_id: UUID, *, claim_id: UUID | None) -> str:
    """Fence a running job by the claim id that the engine has made up; the reaper ends it, and what waits as well."""
    job = model.jobs[job_id]
    if job.can(Move.FINISH) and job.is_cancel_requested:
        return "CANCELING"
    if job.is_aside or not job.can(Move.PUT_ASIDE):
        return job.state
    job.is_aside = True
    if not job.can(Move.FINISH):
        job.new = replace(job.new, start_before=model.now)
        return job.state
    assert job.started_at is not None
    assert claim_id != job.claim_id
    job.epoch, job.claim_id, job.lost = job.epoch + 1, claim_id, max(job.lost, LOST_MAX - 1)
    job.worked_seconds += (model.now - job.started_at).total_seconds()
    job.lease_until = model.now - seconds(1)
    return job.state
