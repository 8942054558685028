"""Where background work is written down, moved and delivered.

`Jobs`, `Steps` and `HeldJobs` write inside the caller's transaction; every other call is a short one of its own.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from domain.events import Json
from domain.identifiers import JobId, ObjectId, WorkspaceId
from domain.jobs.models import (
    AlikeJob,
    Cancellation,
    CancelOutcome,
    ClaimedJob,
    Delivery,
    EndedJob,
    Fence,
    Finish,
    Heartbeat,
    JobState,
    NewJob,
    Queue,
    StepResult,
    Worker,
)
from domain.jobs.policies import Failure
from domain.jobs.run_times import Workload


class Jobs(Protocol):
    """Background work of the running transaction's workspace."""

    async def enqueue(self, job: NewJob) -> bool:
        """Write the job down; answer False when its idempotency key is known already. Raises WaitsForUnknown."""
        ...

    async def cancel(self, job_id: JobId, reason: str) -> CancelOutcome:
        """Cancel what has not started, ask what runs to stop, leave alone what has ended."""
        ...

    async def cancel_subject(self, subject_id: UUID, reason: str) -> Cancellation:
        """Cancel every unfinished job of the subject; answer how many ended at once and how many were asked to stop."""
        ...


class Steps(Protocol):
    """Results of steps, by workspace and digest; the first to commit wins."""

    async def find(self, workspace_id: WorkspaceId, digest: str) -> StepResult | None: ...

    async def find_many(self, workspace_id: WorkspaceId, digests: Collection[str]) -> Mapping[str, StepResult]:
        """The results that there are, by digest, in a constant number of statements."""
        ...

    async def record(self, workspace_id: WorkspaceId, step: StepResult) -> StepResult:
        """Keep the result unless the digest has one; answer the one that is kept."""
        ...

    async def forget(self, workspace_id: WorkspaceId, digests: Collection[str]) -> Sequence[ObjectId]:
        """Drop the results that there are; answer each object that each of them kept, which the caller releases."""
        ...


class HeldJobs(Protocol):
    """What the holder of a fence writes; each raises FenceLost when the fence is stale.

    Each is the last statement of its transaction: it locks the job's row, and rows are always locked in the order
    business first, jobs last; a checkpoint's object alone is locked after its job. A report that is repeated after its
    answer was lost changes nothing and answers the same.
    """

    async def check(self, fence: Fence) -> None:
        """Hold the job's row until the commit, so that nobody else can be given the job before."""
        ...

    async def is_held(self, fence: Fence) -> bool:
        """Tell without locking whether the fence holds now; saves work that could not be committed."""
        ...

    async def finish(self, fence: Fence, *, worked_seconds: float, result: Mapping[str, Json]) -> None: ...

    async def fail(self, fence: Fence, failure: Failure, *, retry_seconds: float | None) -> JobState:
        """Queue the job again after the delay, or fail it for good where there is none; answer its state now."""
        ...

    async def release(self, fence: Fence) -> JobState:
        """Hand the job back with nothing charged; it ends as cancelled where that was asked for."""
        ...

    async def hold_checkpoint(self, fence: Fence) -> ObjectId | None:
        """Hold the job's row until the commit and answer its checkpoint, as the first statement of its transaction."""
        ...

    async def keep_checkpoint(self, fence: Fence, object_id: ObjectId) -> None:
        """Let the next attempt go on from this; the job's end, whatever it is, lets go of one reference to it."""
        ...

    async def bury(self, job_id: JobId) -> bool:
        """End a job that was lost too often or could not start in time; False when it is not doomed any more."""
        ...


class RunTimes(Protocol):
    """How long jobs have taken, by what shapes it."""

    async def measured(self, workloads: Collection[Workload]) -> Mapping[Workload, float]:
        """The mean seconds of those workloads of which enough have run; one statement."""
        ...

    async def measure(self, *, settled_seconds: float, limit: int) -> int:
        """Count jobs that ended at least so long ago, each once; answer how many were looked at."""
        ...


class Claims(Protocol):
    """How workers get jobs and keep them."""

    async def see(self, worker: Worker) -> bool:
        """Note that the worker is there and ready; True asks it to drain."""
        ...

    async def leave(self, worker_id: str) -> None:
        """Forget a worker that stops."""
        ...

    async def claim(
        self,
        worker: Worker,
        *,
        claim_id: UUID,
        lease_seconds: float,
        job_id: JobId | None = None,
        delivery: int | None = None,
    ) -> ClaimedJob | None:
        """Take that delivery of that job, or, without one, whichever dispatched job is next; None if there is none."""
        ...

    async def find_alike(
        self, worker: Worker, job: ClaimedJob, *, claim_ids: Sequence[UUID], limit: int
    ) -> Sequence[AlikeJob]:
        """Look for what this worker could claim to do it together with the job that it holds, in the order of claims.

        That is of the same workspace, kind, engine and affinity, neither of the two ever failed or was lost, and no
        idle worker could begin it at once. What the worker holds under one of the claim ids comes first.
        """
        ...

    async def claim_many(
        self, worker: Worker, *, claim_ids: Sequence[UUID], lease_seconds: float
    ) -> Sequence[ClaimedJob]:
        """Take up to one dispatched job a claim id, whichever are next, in one transaction."""
        ...

    async def take_many(
        self, worker: Worker, *, claim_ids: Sequence[UUID], lease_seconds: float
    ) -> Sequence[ClaimedJob]:
        """Take up to one job a claim id, in the fair order: what is dispatched or else, past the dispatcher, queued."""
        ...

    async def finish_many(self, finishes: Sequence[Finish]) -> Collection[JobId]:
        """End those whose fence holds and that no other job waits for; answer which, and leave the rest to `finish`."""
        ...

    async def find_claimed(self, worker_id: str, claim_ids: Sequence[UUID]) -> Sequence[ClaimedJob]:
        """Find what the worker holds under these claim ids; no lease is prolonged."""
        ...

    async def beat(self, fence: Fence, *, lease_seconds: float) -> Heartbeat:
        """Prolong the lease; raises FenceLost."""
        ...

    async def give_up(self, fence: Fence, message: str) -> None:
        """End the lease now because the process at work has crashed; the reaper counts the job as lost.

        Raises FenceLost.
        """
        ...

    async def find_held(self, fence: Fence) -> ClaimedJob:
        """Answer the job that this fence holds or ended; raises FenceLost."""
        ...


class Dispatches(Protocol):
    """What the dispatcher and the reaper move; harmless when several run at once."""

    async def pick(self, queue: Queue, *, limit: int) -> Sequence[Delivery]:
        """Move the fair share of queued jobs into the window of free hands; empty while another picks."""
        ...

    async def return_deliveries(self, *, older_seconds: float, limit: int) -> Sequence[Delivery]:
        """Queue again what was dispatched that long ago and never claimed; answer the deliveries that are now void."""
        ...

    async def reap(self, *, limit: int) -> int:
        """Queue again what was lost with its worker; answer how many."""
        ...

    async def list_doomed(
        self, *, limit: int, kinds: Sequence[str] | None = None, passed_over: Sequence[JobId] = ()
    ) -> Sequence[EndedJob]:
        """List what was lost too often or could not start in time, as `HeldJobs.bury` would; None is all kinds."""
        ...

    async def prune(self, *, days: int, limit: int) -> int:
        """Forget jobs that ended that long ago, with what they told; answer how many."""
        ...

    async def prune_events(self, *, days: int, limit: int) -> int:
        """Forget what things of the business told that long ago; answer how many events."""
        ...

    async def prune_idle(self, *, days: int, limit: int) -> int:
        """Forget workers silent for that long, and what the pick knows of idle workspaces; answer how many rows."""
        ...


class Deliveries(Protocol):
    """Hints to workers that there is something to claim; may be lost, doubled or late."""

    async def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the workers; raises Unavailable when they must ask by themselves for now."""
        ...

    async def withdraw(self, deliveries: Sequence[Delivery]) -> None:
        """Take void hints back where they still lie."""
        ...

    async def has_forgotten(self) -> bool:
        """Tell whether hints given before may be gone, as after a restart; True once for each such time."""
        ...


class Hints(Protocol):
    """Tells other processes, after a commit, that there is something to look at; never fails, may be lost."""

    async def give(self, keys: Collection[str]) -> None: ...
