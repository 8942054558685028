"""A render's place in the queues, and when it will be done as far as can be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf

from domain.jobs.models import Queue
from domain.jobs.queue_look import Ahead, QueueLook
from domain.renders.standings import QueueStanding, Standing, ToCome


class RenderQueueState(StrEnum):
    """What a render waits for: its turn, the work itself, an operator, a worker, or nothing any more."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    NO_WORKER = "no_worker"
    DONE = "done"


class EstimateBasis(StrEnum):
    """Whether all of the render's work goes by measured run times, or some of it by what is declared."""

    MEASURED = "measured"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class RenderQueue:
    """Where a render stands; no number is given where nothing can be told."""

    state: RenderQueueState
    position: int | None = None
    waiting_jobs: int = 0
    running_jobs: int = 0
    wait_seconds: float | None = None
    remaining_seconds: float | None = None
    end_at: datetime | None = None
    basis: EstimateBasis = EstimateBasis.DECLARED
    workers: int = 0

    def differs_noticeably(self, other: "RenderQueue") -> bool:
        """Whether a watcher should hear: a count or the state changed, or the end moved by more than a tenth."""
        mine = (self.state, self.position, self.waiting_jobs, self.running_jobs, self.workers, self.basis)
        if mine != (other.state, other.position, other.waiting_jobs, other.running_jobs, other.workers, other.basis):
            return True
        if self.end_at is None or other.end_at is None:
            return self.end_at is not other.end_at
        moved = abs((self.end_at - other.end_at).total_seconds())
        return moved > max(2.0, 0.1 * (self.remaining_seconds or 0.0))


@dataclass(frozen=True, slots=True)
class _InQueue:
    """One render in one queue that it still needs."""

    standing: Standing
    own: QueueStanding
    look: QueueLook
    work_to_come: float

    @property
    def engine(self) -> str:
        """The engine that a worker of the queue must know; the jobs process knows every kind."""
        engine = self.standing.engine
        return engine.name if self.look.queue is engine.queue and engine.queue is not Queue.INTERNAL else ""

    @property
    def is_needed(self) -> bool:
        return bool(self.own.waiting or self.work_to_come)

    @property
    def fair_time(self) -> float:
        return max(self.own.fair_time, self.look.fair_time)

    @property
    def given_own(self) -> Ahead:
        return self.look.given.get(self.standing.render.workspace_id, Ahead())

    def ahead(self) -> Ahead | None:
        """What the pick takes before the first job that waits; None where nothing waits to be picked."""
        place, workspace_id = self.own.place, self.standing.render.workspace_id
        if self.own.has_dispatched:
            return Ahead()
        if place is None:
            return None
        key = (self.fair_time + place.before.seconds / self.own.weight, -place.rank, place.job_id)
        return place.before + self.look.others_before(workspace_id, key)

    def wait_seconds(self, ahead: Ahead) -> float:
        """How long until the first job that waits is at work: no time while hands are free."""
        slots, given = self.look.slots(self.engine), self.look.all_given
        hands = max(1, min(slots, self.own.running_max))
        before = self.own.place.before if self.own.place else Ahead()
        waits = [0.0]
        if given.jobs + ahead.jobs >= slots:
            waits.append((given.seconds + ahead.seconds) / slots)
        if self.given_own.jobs + before.jobs >= hands:
            waits.append((self.given_own.seconds + before.seconds) / hands)
        return max(waits)

    def work_seconds(self) -> float:
        """How long the queue's hands need for all of the render's work there and what is before the last of it."""
        slots = self.look.slots(self.engine)
        hands = max(1, min(slots, self.own.running_max))
        own = self.own.workspace_seconds + self.work_to_come
        last = self.standing.render.id
        key = (self.fair_time + own / self.own.weight, inf, last)
        others = self.look.others_before(self.standing.render.workspace_id, key)
        shared = (self.look.all_given.seconds + others.seconds + own) / slots
        return max(shared, (self.given_own.seconds + own) / hands)


def queue_of(standing: Standing, *, looks: Mapping[Queue, QueueLook], now: datetime) -> RenderQueue:
    """Tell where a render that is not over stands, by one look at the queues and what is known of it."""
    come = standing.to_come()
    queues = [
        _InQueue(standing, standing.queues.get(queue, QueueStanding()), look, come.seconds.get(queue, 0.0))
        for queue, look in looks.items()
    ]
    running = sum(each.own.running for each in queues)
    waiting = sum(each.own.waiting for each in queues)
    state = _state(queues, running)
    position, wait = _first(queues)
    is_told = state in (RenderQueueState.WAITING, RenderQueueState.RUNNING)
    remaining = _remaining(queues, come, wait or 0.0) if is_told else None
    engine = standing.engine
    return RenderQueue(
        state=state,
        position=position,
        waiting_jobs=waiting,
        running_jobs=running,
        wait_seconds=wait if is_told else None,
        remaining_seconds=remaining,
        end_at=None if remaining is None else now + timedelta(seconds=remaining),
        basis=EstimateBasis.MEASURED if come.is_measured else EstimateBasis.DECLARED,
        workers=looks[engine.queue].workers(engine.name if engine.queue is not Queue.INTERNAL else ""),
    )


def _state(queues: list[_InQueue], running: int) -> RenderQueueState:
    needed = [each for each in queues if each.is_needed]
    if any(each.look.is_paused for each in needed):
        return RenderQueueState.PAUSED
    if any(not each.look.slots(each.engine) for each in needed):
        return RenderQueueState.NO_WORKER
    return RenderQueueState.RUNNING if running else RenderQueueState.WAITING


def _first(queues: list[_InQueue]) -> tuple[int | None, float | None]:
    """The place of the first job that waits, and its wait where there are hands."""
    found: list[tuple[int, float]] = []
    for each in queues:
        ahead = each.ahead()
        if ahead is not None:
            wait = each.wait_seconds(ahead) if each.look.slots(each.engine) else inf
            dispatched = 0 if each.own.has_dispatched else each.look.dispatched
            found.append((ahead.jobs + dispatched, wait))
    if not found:
        # A place too far back to be counted is no wait of nothing.
        delays = [each.own.delay_seconds for each in queues if each.own.waiting and each.own.delay_seconds > 0]
        return None, min(delays, default=None)
    position, wait = min(found, key=lambda each: each[1])
    return position, wait if wait < inf else None


def _remaining(queues: list[_InQueue], come: ToCome, wait: float) -> float:
    """As long as the busiest queue needs, and no less than one shot needs from step to step; then the join."""
    at_work = max((each.own.running_longest for each in queues), default=0.0)
    next_up = max((wait + each.own.waiting_longest for each in queues if each.own.waiting), default=0.0)
    one_by_one = max(at_work, next_up) + come.longest
    busiest = max((each.work_seconds() for each in queues if each.is_needed), default=0.0)
    return max(one_by_one, busiest) + come.join_seconds
