"""The job engine as a few dictionaries: what each call must do, with the table of the domain at its heart.

No call changes a state but through `next_state`; a call that the table refuses for the state, or whose own condition
does not hold, changes nothing.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.jobs.lifecycle import NEXT_STATES, Move, next_state
from domain.jobs.models import Fence, JobState, NewJob, Worker

LOST_MAX = 3
SEEN_SECONDS = 30.0
LONG_PAST = datetime(1970, 1, 1, tzinfo=UTC)
LOST_ALONE = 2


def seconds(amount: float) -> timedelta:
    return timedelta(seconds=amount)


@dataclass
class ModelJob:
    """One job as the engine must keep it."""

    new: NewJob
    created_at: datetime
    run_at: datetime
    engine: str | None = None
    version: int = 1
    state: JobState = JobState.QUEUED
    waits: frozenset[UUID] = frozenset()
    open_waits: set[UUID] = field(default_factory=set[UUID])
    delivery: int = 0
    dispatched_at: datetime | None = None
    epoch: int = 0
    claim_id: UUID | None = None
    worker_id: str | None = None
    started_at: datetime | None = None
    lease_until: datetime | None = None
    deadline_at: datetime | None = None
    attempts: int = 0
    lost: int = 0
    is_cancel_requested: bool = False
    is_aside: bool = False
    settled: int = 0
    worked_seconds: float = 0.0
    made: Counter[tuple[JobState, Move]] = field(default_factory=Counter[tuple[JobState, Move]])
    events: list[str] = field(default_factory=list[str])

    def can(self, move: Move) -> bool:
        return (self.state, move) in NEXT_STATES

    def move(self, move: Move, *events: str) -> None:
        self.made[self.state, move] += 1
        self.state = next_state(self.state, move)
        self.events += events
        if self.state is not JobState.RUNNING:
            self.lease_until = None

    def is_late(self, now: datetime) -> bool:
        return self.new.start_before is not None and self.new.start_before <= now

    def is_lost(self, now: datetime) -> bool:
        return self.lease_until is not None and self.lease_until < now

    @property
    def needs(self) -> str:
        """What its worker has to know."""
        return f"{self.engine}@{self.version}" if self.engine else ""

    def fits(self, worker: Worker) -> bool:
        return self.engine is None or (self.engine in worker.engines and self.version <= worker.command_version)

    def is_held_by(self, fence: Fence) -> bool:
        return self.can(Move.FINISH) and (self.epoch, self.claim_id) == (fence.epoch, fence.claim_id)

    def is_doomed(self, now: datetime) -> bool:
        if self.can(Move.SET_ASIDE):
            return self.is_lost(now) and self.lost + 1 >= LOST_MAX and not self.is_cancel_requested
        return self.can(Move.ABORT) and self.is_late(now)


@dataclass(frozen=True)
class ModelSpace:
    """A workspace's weight and its cap."""

    id: UUID
    weight: float
    running_max: int


@dataclass
class Queueing:
    """Everything that the engine remembers, the clock, and what happens to jobs that nobody holds."""

    now: datetime
    spaces: dict[UUID, ModelSpace] = field(default_factory=dict[UUID, ModelSpace])
    jobs: dict[UUID, ModelJob] = field(default_factory=dict[UUID, ModelJob])
    workers: dict[str, tuple[Worker, datetime]] = field(default_factory=dict[str, tuple[Worker, datetime]])
    draining: set[str] = field(default_factory=set[str])
    steps: dict[tuple[UUID, str], int] = field(default_factory=dict[tuple[UUID, str], int])
    shares: dict[UUID, float] = field(default_factory=dict[UUID, float])
    floor: float = 0.0
    is_paused: bool = False
    made: Counter[tuple[JobState, Move]] = field(default_factory=Counter[tuple[JobState, Move]])

    def enqueue(self, new: NewJob, *, engine: str | None, version: int) -> bool:
        keys = {(job.new.workspace_id, job.new.idempotency_key) for job in self.jobs.values()}
        if new.id in self.jobs or (new.idempotency_key and (new.workspace_id, new.idempotency_key) in keys):
            return False
        job = ModelJob(new, self.now, new.run_at or self.now, engine=engine, version=version, made=self.made)
        job.events.append("JobQueued")
        self.jobs[new.id] = job
        parents = [self.jobs[each] for each in new.waits_for if self.jobs[each].new.workspace_id == new.workspace_id]
        job.open_waits = {parent.new.id for parent in parents if parent.state is not JobState.SUCCEEDED}
        job.waits = frozenset(job.open_waits)
        if job.open_waits:
            job.state = JobState.BLOCKED
        if any(parent.state.is_final and parent.new.id in job.open_waits for parent in parents):
            self.end(job, Move.ABORT, "JobAborted")
        return True

    def claim(
        self,
        worker: Worker,
        *,
        claim_id: UUID,
        lease_seconds: float,
        job_id: UUID | None = None,
        delivery: int | None = None,
        move: Move = Move.CLAIM,
    ) -> ModelJob | None:
        if job := self.claimed_by(worker, claim_id):
            assert job.deadline_at is not None
            job.lease_until = min(self.now, job.deadline_at) + seconds(lease_seconds)
            return job
        running = self.running_at(worker)
        suspects = [job for job in (*running, *self.claimable(worker)) if job.lost >= LOST_ALONE]
        if running and suspects:
            return None  # what was lost twice runs alone
        claimable = [job for job in self.claimable(worker) if job_id in (None, job.new.id)]
        claimable = [job for job in claimable if delivery in (None, job.delivery)]
        if not claimable:
            return None
        job = min(
            claimable, key=lambda each: (each.lost < LOST_ALONE, each.dispatched_at, -each.new.priority, each.new.id)
        )
        return self.start(job, worker, move=move, claim_id=claim_id, lease_seconds=lease_seconds)

    def start(self, job: ModelJob, worker: Worker, *, move: Move, claim_id: UUID, lease_seconds: float) -> ModelJob:
        job.move(move, "JobStarted")
        job.epoch += 1
        job.claim_id, job.worker_id, job.started_at = claim_id, worker.id, self.now
        job.lease_until = self.now + seconds(lease_seconds)
        job.deadline_at = self.now + seconds(job.new.deadline_seconds)
        return job

    def claimed_by(self, worker: Worker, claim_id: UUID) -> ModelJob | None:
        return next((job for job in self.running_at(worker) if job.claim_id == claim_id), None)

    def running_at(self, worker: Worker) -> list[ModelJob]:
        return [job for job in self.jobs.values() if job.can(Move.FINISH) and job.worker_id == worker.id]

    def claimable(self, worker: Worker) -> Iterator[ModelJob]:
        for job in self.jobs.values():
            if job.can(Move.CLAIM) and job.new.queue == worker.queue and job.fits(worker) and not job.is_late(self.now):
                yield job

    def return_deliveries(self, older_seconds: float) -> list[UUID]:
        stale = [job for job in self.jobs.values() if job.can(Move.RETURN_DELIVERY)]
        stale = [job for job in stale if job.dispatched_at and job.dispatched_at <= self.now - seconds(older_seconds)]
        for job in stale:
            job.move(Move.RETURN_DELIVERY)
        return [job.new.id for job in stale]

    def bury(self, job_id: UUID) -> bool:
        job = self.jobs[job_id]
        is_doomed = job.is_doomed(self.now)
        if is_doomed and job.is_aside:
            self.end(job, Move.PUT_ASIDE, "JobDied")
        elif is_doomed and job.can(Move.SET_ASIDE):
            job.lost += 1
            self.end(job, Move.SET_ASIDE, "JobDied")
        elif is_doomed:
            self.end(job, Move.ABORT, "JobAborted")
        return is_doomed

    def cancel(self, workspace_id: UUID, job_id: UUID) -> JobState | None:
        job = self.jobs[job_id]
        if job.new.workspace_id != workspace_id:
            return None
        before = job.state
        if job.can(Move.CANCEL) and next_state(before, Move.CANCEL).is_final:
            job.is_cancel_requested = True
            self.end(job, Move.CANCEL, "JobCanceled")
        elif job.can(Move.CANCEL) and not job.is_cancel_requested:
            job.is_cancel_requested = True
            job.move(Move.CANCEL, "JobCancelRequested")
        return before

    def cancel_subject(self, workspace_id: UUID, subject_id: UUID) -> set[UUID]:
        jobs = [job for job in self.jobs.values() if not job.state.is_final and job.new.subject_id == subject_id]
        touched = [job.new.id for job in jobs if job.new.workspace_id == workspace_id]
        for job_id in touched:
            self.cancel(workspace_id, job_id)
        return set(touched)

    def end(self, job: ModelJob, move: Move, event: str) -> None:
        job.move(move, event)
        for child in [each for each in self.jobs.values() if job.new.id in each.open_waits]:
            if job.state is JobState.SUCCEEDED and child.can(Move.UNBLOCK):
                child.open_waits.discard(job.new.id)
                if not child.open_waits:
                    child.run_at = max(child.run_at, self.now)
                    child.move(Move.UNBLOCK)
            elif job.state is not JobState.SUCCEEDED and child.state is JobState.BLOCKED:
                self.end(child, Move.ABORT, "JobAborted")
        if job.delivery > job.settled:
            # Each pick charged the estimate; what was worked is what counts.
            owed = job.worked_seconds - (job.delivery - job.settled) * job.new.estimated_seconds
            self.shares[job.new.workspace_id] += owed / self.spaces[job.new.workspace_id].weight


@dataclass
class Model(Queueing):
    """The whole engine: also what happens to a job that is held, by its holder or when the lease is over."""

    def held(self, fence: Fence) -> ModelJob | None:
        job = self.jobs.get(fence.job_id)
        return job if job is not None and job.is_held_by(fence) else None

    def state_by(self, fence: Fence) -> JobState | None:
        """What a report is answered: the state of the job by this very claim."""
        job = self.jobs.get(fence.job_id)
        return job.state if job and (job.epoch, job.claim_id) == (fence.epoch, fence.claim_id) else None

    def finish(self, fence: Fence, worked_seconds: float) -> JobState | None:
        if job := self.held(fence):
            job.worked_seconds += worked_seconds
            self.end(job, Move.FINISH, "JobSucceeded")
        return self.state_by(fence)

    def finish_many(self, fences: list[Fence], worked_seconds: float) -> set[UUID]:
        """Those that nobody waits for end; the others are left alone."""
        waited_for = {each for job in self.jobs.values() for each in job.waits}
        ended: set[UUID] = {each.job_id for each in fences if self.held(each) and each.job_id not in waited_for}
        for fence in fences:
            if fence.job_id in ended:
                self.finish(fence, worked_seconds)
        return ended

    def fail(self, fence: Fence, retry_seconds: float | None) -> JobState | None:
        if job := self.held(fence):
            assert job.started_at is not None
            job.attempts += 1
            job.worked_seconds += (self.now - job.started_at).total_seconds()
            job.run_at = self.now + seconds(retry_seconds or 0)
            if job.is_cancel_requested:
                self.end(job, Move.STOP, "JobCanceled")
            elif retry_seconds is None or job.attempts >= job.new.attempts_max:
                self.end(job, Move.GIVE_UP, "JobFailed")
            else:
                job.move(Move.RETRY, "JobRetried")
        return self.state_by(fence)

    def release(self, fence: Fence) -> JobState | None:
        if job := self.held(fence):
            job.run_at = self.now
            self._stop_or(job, Move.RELEASE, "JobReleased")
        return self.state_by(fence)

    def _stop_or(self, job: ModelJob, move: Move, event: str) -> None:
        """A cancel that was asked for beats every way back to the queue."""
        if job.is_cancel_requested:
            self.end(job, Move.STOP, "JobCanceled")
        else:
            job.move(move, event)

    def beat(self, fence: Fence, lease_seconds: float) -> bool | None:
        job = self.held(fence)
        if job is None:
            return None
        assert job.lease_until is not None
        assert job.deadline_at is not None
        job.lease_until = max(job.lease_until, min(self.now, job.deadline_at) + seconds(lease_seconds))
        if job.worker_id in self.workers:
            self.workers[job.worker_id] = (self.workers[job.worker_id][0], self.now)
        return job.is_cancel_requested

    def give_up_lease(self, fence: Fence) -> bool:
        job = self.held(fence)
        if job is not None:
            job.lease_until, job.deadline_at = self.now - seconds(1), LONG_PAST
        return job is not None

    def reap(self) -> int:
        lost = [job for job in self.jobs.values() if job.can(Move.LOSE) and job.is_lost(self.now)]
        reaped = [job for job in lost if job.lost + 1 < LOST_MAX or job.is_cancel_requested]
        for job in reaped:
            job.lost += 1
            job.run_at = self.now
            self._stop_or(job, Move.LOSE, "JobLost")
        return len(reaped)

    def commit_step(self, fence: Fence, digest: str) -> bool:
        job = self.held(fence)
        if job is not None:
            self.steps.setdefault((job.new.workspace_id, digest), fence.epoch)
        return job is not None
