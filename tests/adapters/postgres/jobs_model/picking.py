"""The fair pick in Python: start-time fair queueing over a window, or one for each need, with a cap a workspace."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from domain.jobs.lifecycle import Move
from domain.jobs.models import JobState, Queue, Worker
from tests.adapters.postgres.jobs_model.model import LOST_ALONE, SEEN_SECONDS, Model, ModelJob, ModelSpace, seconds

ACTIVE = frozenset({JobState.DISPATCHED, JobState.RUNNING})
# How many more jobs of each need there is room for; None where one room is everybody's.
Rooms: TypeAlias = Mapping[str, int] | None


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
    return sum(holds(each, lookahead) for each in seen if each.queue is Queue.CPU)


def knows(worker: Worker) -> set[str]:
    """What a worker may be given: what needs nothing, and its engines' commands up to its version."""
    return {"", *(f"{engine}@{n}" for engine in worker.engines for n in range(1, worker.command_version + 1))}


def holds(worker: Worker, lookahead: int) -> int:
    """How many jobs a worker can hold."""
    return worker.slots + min(lookahead, worker.slots)


def is_mixed(model: Model) -> bool:
    """Whether the workers that are ready know different things."""
    return len({frozenset(knows(each)) for each in ready(model) if each.queue is Queue.CPU}) > 1


def room(model: Model, need: str, lookahead: int) -> int:
    """How many more jobs of one need its workers can hold, where what others have a place for goes to them."""
    seen = [each for each in ready(model) if each.queue is Queue.CPU]
    near, far = ([each for each in seen if (need in knows(each)) is is_near] for is_near in (True, False))
    taken = 0
    for other, count in Counter(job.needs for job in model.jobs.values() if job.state is JobState.DISPATCHED).items():
        elsewhere = sum(max(0, free(model, each, lookahead)) for each in far if other in knows(each))
        taken += min(max(0, count - elsewhere), sum(holds(each, lookahead) for each in near if other in knows(each)))
    return sum(free(model, each, lookahead) for each in near) - taken


def free(model: Model, worker: Worker, lookahead: int) -> int:
    """How many more jobs a worker can hold, beside those that it works on."""
    at_work = [job for job in model.jobs.values() if job.state is JobState.RUNNING and job.worker_id == worker.id]
    return holds(worker, lookahead) - len(at_work)


def active(model: Model, workspace_id: UUID | None = None) -> int:
    jobs = [job for job in model.jobs.values() if job.state in ACTIVE]
    return len([job for job in jobs if workspace_id in (None, job.new.workspace_id)])


def rank(job: ModelJob, now: datetime) -> int:
    return job.new.priority + int((now - job.created_at).total_seconds() // 600)


def is_eligible(model: Model, job: ModelJob, workers: Sequence[Worker]) -> bool:
    is_due = job.run_at <= model.now and not job.is_late(model.now)
    is_known = job.engine is None or any(job.fits(worker) for worker in workers if worker.queue is Queue.CPU)
    return job.can(Move.DISPATCH) and is_due and is_known


def candidates(
    model: Model, space: ModelSpace, wanted: int, workers: Sequence[Worker], rooms: Rooms = None
) -> list[Candidate]:
    """The best and the oldest of each lane, in their order, under the workspace's cap and each in its lane's room."""
    jobs = [job for job in model.jobs.values() if job.new.workspace_id == space.id and is_eligible(model, job, workers)]
    kept: list[ModelJob] = []
    for need in {job.needs for job in jobs}:
        lane, width = [job for job in jobs if job.needs == need], wanted if rooms is None else rooms.get(need, 0)
        best = sorted(lane, key=lambda job: (-job.new.priority, job.new.id))[:width]
        oldest = sorted(lane, key=lambda job: job.new.id)[:width]
        chosen = {job.new.id: job for job in best + oldest}.values()
        ranked = sorted(chosen, key=lambda job: (-rank(job, model.now), job.new.id))
        kept += ranked if rooms is None else ranked[:width]
    kept.sort(key=lambda job: (-rank(job, model.now), job.new.id))
    tag = max(model.shares.get(space.id, 0.0), model.floor)
    found: list[Candidate] = []
    for job in kept[: max(0, space.running_max - active(model, space.id))]:
        cost = job.new.estimated_seconds / space.weight
        found.append(Candidate(job, tag, tag + cost, rank(job, model.now)))
        tag += cost
    return found


def fair(model: Model, wanted: int, workers: Sequence[Worker], rooms: Rooms = None) -> list[Candidate]:
    """What those workers may be given, in the fair order."""
    found = [each for space in model.spaces.values() for each in candidates(model, space, wanted, workers, rooms)]
    ordered = sorted(found, key=lambda each: (each.start_tag, -each.rank, each.job.new.id))
    return ordered[:wanted] if rooms is None else ordered


def deliver(model: Model, chosen: Candidate) -> None:
    """The next delivery of the job, and its charge."""
    chosen.job.delivery += 1
    chosen.job.dispatched_at = model.now
    model.shares[chosen.job.new.workspace_id] = chosen.finish_tag
    model.floor = max(model.floor, chosen.start_tag)


def pick(model: Model, *, lookahead: int, limit: int) -> list[tuple[UUID, int]]:
    """Dispatch what the fair pick chooses; answer (job, delivery) in its order."""
    if is_mixed(model):
        return pick_among_kinds(model, lookahead=lookahead, limit=min(limit, window(model, lookahead)))
    wanted = min(limit, window(model, lookahead) - active(model))
    if model.is_paused or wanted <= 0:
        return []
    return [dispatch(model, each) for each in fair(model, wanted, ready(model))]


def pick_among_kinds(model: Model, *, lookahead: int, limit: int) -> list[tuple[UUID, int]]:
    """The same where workers are of several kinds: every need has a room of its own."""
    if model.is_paused:
        return []
    needs = {need for each in ready(model) if each.queue is Queue.CPU for need in knows(each)}
    rooms = {need: room(model, need, lookahead) for need in needs}
    picked: list[tuple[UUID, int]] = []
    passed: dict[UUID, float] = defaultdict(float)
    for each in fair(model, limit, ready(model), {need: places for need, places in rooms.items() if places > 0}):
        space_id = each.job.new.workspace_id
        if room(model, each.job.needs, lookahead) <= 0:
            passed[space_id] += each.finish_tag - each.start_tag
        elif len(picked) < limit:
            less = passed[space_id]
            charged = replace(each, start_tag=each.start_tag - less, finish_tag=each.finish_tag - less)
            picked.append(dispatch(model, charged))
    return picked


def dispatch(model: Model, chosen: Candidate) -> tuple[UUID, int]:
    chosen.job.move(Move.DISPATCH)
    deliver(model, chosen)
    return chosen.job.new.id, chosen.job.delivery


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
