"""The fair pick in Python: start-time fair queueing over a window, with a cap a workspace."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.jobs.lifecycle import Move
from domain.jobs.models import JobState, Queue, Worker
from tests.adapters.postgres.jobs_model.model import SEEN_SECONDS, Model, ModelJob, ModelSpace, seconds

ACTIVE = frozenset({JobState.DISPATCHED, JobState.RUNNING})


@dataclass(frozen=True)
class Candidate:
    """A job with where it begins and ends on its workspace's fair time."""

    job: ModelJob
    start_tag: float
    finish_tag: float
    rank: int


def ready(model: Model) -> list[Worker]:
    """The workers that were seen lately and are not asked to drain."""
    seen = [worker for worker, at in model.workers.values() if at > model.now - seconds(SEEN_SECONDS)]
    return [worker for worker in seen if worker.id not in model.draining]


def window(model: Model, lookahead: int) -> int:
    """How many jobs the workers that are ready can hold."""
    seen = ready(model)
    return sum(each.slots + min(lookahead, each.slots) for each in seen if each.queue is Queue.CPU)


def active(model: Model, workspace_id: UUID | None = None) -> int:
    jobs = [job for job in model.jobs.values() if job.state in ACTIVE]
    return len([job for job in jobs if workspace_id in (None, job.new.workspace_id)])


def rank(job: ModelJob, now: datetime) -> int:
    return job.new.priority + int((now - job.created_at).total_seconds() // 600)


def is_eligible(model: Model, job: ModelJob) -> bool:
    seen = ready(model)
    is_due = job.run_at <= model.now and not job.is_late(model.now)
    is_known = job.engine is None or any(job.fits(worker) for worker in seen if worker.queue is Queue.CPU)
    return job.can(Move.DISPATCH) and is_due and is_known


def candidates(model: Model, space: ModelSpace, room: int) -> list[Candidate]:
    jobs = [job for job in model.jobs.values() if job.new.workspace_id == space.id and is_eligible(model, job)]
    best = sorted(jobs, key=lambda job: (-job.new.priority, job.new.id))[:room]
    oldest = sorted(jobs, key=lambda job: job.new.id)[:room]
    chosen = {job.new.id: job for job in best + oldest}.values()
    ranked = sorted(chosen, key=lambda job: (-rank(job, model.now), job.new.id))
    tag = max(model.shares.get(space.id, 0.0), model.floor)
    found: list[Candidate] = []
    for job in ranked[: max(0, space.running_max - active(model, space.id))]:
        cost = job.new.estimated_seconds / space.weight
        found.append(Candidate(job, tag, tag + cost, rank(job, model.now)))
        tag += cost
    return found


def pick(model: Model, *, lookahead: int, limit: int) -> list[tuple[UUID, int]]:
    """Dispatch what the fair pick chooses; answer (job, delivery) in its order."""
    room = min(limit, window(model, lookahead) - active(model))
    if model.is_paused or room <= 0:
        return []
    found = [each for space in model.spaces.values() for each in candidates(model, space, room)]
    fair = sorted(found, key=lambda each: (each.start_tag, -each.rank, each.job.new.id))[:room]
    for each in fair:
        each.job.move(Move.DISPATCH)
        each.job.delivery += 1
        each.job.dispatched_at = model.now
        model.shares[each.job.new.workspace_id] = each.finish_tag
        model.floor = max(model.floor, each.start_tag)
    return [(each.job.new.id, each.job.delivery) for each in fair]
