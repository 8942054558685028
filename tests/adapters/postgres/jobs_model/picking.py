"""The fair pick in Python: start-time fair queueing over a window, with a cap a workspace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.jobs.lifecycle import Move
from domain.jobs.models import JobState, Queue, Worker
from tests.adapters.postgres.jobs_model.model import LOST_ALONE, SEEN_SECONDS, Model, ModelJob, ModelSpace, seconds

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


def is_eligible(model: Model, job: ModelJob, workers: Sequence[Worker]) -> bool:
    is_due = job.run_at <= model.now and not job.is_late(model.now)
    is_known = job.engine is None or any(job.fits(worker) for worker in workers if worker.queue is Queue.CPU)
    return job.can(Move.DISPATCH) and is_due and is_known


def candidates(model: Model, space: ModelSpace, room: int, workers: Sequence[Worker]) -> list[Candidate]:
    jobs = [job for job in model.jobs.values() if job.new.workspace_id == space.id and is_eligible(model, job, workers)]
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


def fair(model: Model, room: int, workers: Sequence[Worker]) -> list[Candidate]:
    """What those workers may be given, in the fair order."""
    found = [each for space in model.spaces.values() for each in candidates(model, space, room, workers)]
    return sorted(found, key=lambda each: (each.start_tag, -each.rank, each.job.new.id))[:room]


def deliver(model: Model, chosen: Candidate) -> None:
    """The next delivery of the job, and its charge."""
    chosen.job.delivery += 1
    chosen.job.dispatched_at = model.now
    model.shares[chosen.job.new.workspace_id] = chosen.finish_tag
    model.floor = max(model.floor, chosen.start_tag)


def pick(model: Model, *, lookahead: int, limit: int) -> list[tuple[UUID, int]]:
    """Dispatch what the fair pick chooses; answer (job, delivery) in its order."""
    room = min(limit, window(model, lookahead) - active(model))
    if model.is_paused or room <= 0:
        return []
    chosen = fair(model, room, ready(model))
    for each in chosen:
        each.job.move(Move.DISPATCH)
        deliver(model, each)
    return [(each.job.new.id, each.job.delivery) for each in chosen]


def take(model: Model, worker: Worker, *, claim_id: UUID, lease_seconds: float) -> ModelJob | None:
    """Claim what is dispatched or, where nothing is, pick and claim for this worker alone."""
    if model.claimed_by(worker, claim_id) or any(model.claimable(worker)):
        return model.claim(worker, claim_id=claim_id, lease_seconds=lease_seconds, move=Move.TAKE)
    running = model.running_at(worker)
    is_ready = worker.id in model.workers and worker.id not in model.draining
    if model.is_paused or not is_ready or any(job.lost >= LOST_ALONE for job in running):
        return None
    chosen = fair(model, 1, [worker])
    if worker.queue is not Queue.CPU or not chosen or (running and chosen[0].job.lost >= LOST_ALONE):
        return None
    deliver(model, chosen[0])
    return model.start(chosen[0].job, worker, move=Move.TAKE, claim_id=claim_id, lease_seconds=lease_seconds)
