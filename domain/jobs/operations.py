"""What operators see of the engine and ask of it: never scripts, pictures or payloads, only how work stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.errors import Conflict, Invalid, NotFound
from domain.events import Json
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import JobState, Queue
from domain.texts import storable

REASON_CHARACTERS_MAX = 500
# At the ends of the calendar there are moments that cannot be told in another zone.
SINCE_YEARS = range(1970, 9999)
RETRIED_STATES = frozenset({JobState.FAILED, JobState.DEAD, JobState.ABORTED})


class JobNotFound(NotFound):
    """There is no such job; ended ones are pruned after a while."""


class QueueNotFound(NotFound):
    """There is no such queue."""


class WorkerNotFound(NotFound):
    """No worker of that id has asked for work lately."""


class JobMoveRefused(Conflict):
    """The job's state does not allow what the operator wants of it."""


def require_retried(state: JobState) -> None:
    """Raise JobMoveRefused for a state out of which no operator takes a job up again."""
    if state not in RETRIED_STATES:
        raise JobMoveRefused(f"A job that is {state} is not taken up again.")


class JobSuperseded(Conflict):
    """What the job worked on has been told of its end and moved on: another command takes that up again."""


@dataclass(frozen=True, slots=True)
class OperatorOrder:
    """Who wants something done, and why; both are kept.

    Raises Invalid for a reason that is empty, too long or cannot be kept.
    """

    operator: str
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip() or len(self.reason) > REASON_CHARACTERS_MAX:
            raise Invalid(f"A reason of 1 to {REASON_CHARACTERS_MAX} characters is needed.", field="reason")
        storable(self.reason, "reason")


def checked_worker_id(worker_id: str) -> str:
    """Answer the id as it is given; raises Invalid for one that no worker can have."""
    storable(worker_id, "id")
    return worker_id


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs are meant; whatever is None does not matter.

    Raises Invalid for a kind or a moment that no job can have.
    """

    state: JobState | None = None
    kind: str | None = None
    queue: Queue | None = None
    workspace_id: WorkspaceId | None = None
    since: datetime | None = None

    def __post_init__(self) -> None:
        if self.kind is not None:
            storable(self.kind, "kind")
        if self.since is not None and self.since.year not in SINCE_YEARS:
            raise Invalid(f"A moment is from {SINCE_YEARS[0]} on, and before {SINCE_YEARS[-1] + 1}.", field="since")


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How one job stands."""

    id: JobId
    workspace_id: WorkspaceId
    subject_id: UUID | None
    kind: str
    queue: Queue
    state: JobState
    attempts: int
    attempts_max: int
    lost: int
    requeues: int
    epoch: int
    worker_id: str | None
    error_code: str | None
    error_message: str | None
    created_at: datetime
    run_at: datetime
    started_at: datetime | None
    lease_until: datetime | None
    cancel_requested_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobTarget:
    """Whose job it is and what it is for: for those who put its business right, never shown."""

    workspace_id: WorkspaceId
    kind: str
    state: JobState
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class JobStep:
    """One thing that happened to a job, as its stream tells it."""

    number: int
    name: str
    at: datetime
    epoch: int | None
    worker_id: str | None
    error_code: str | None


@dataclass(frozen=True, slots=True)
class OperatorAction:
    """What an operator did: when, to what, why, and how that was before."""

    at: datetime
    operator: str
    action: str
    target: str
    reason: str
    before: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job with its history and what operators did to it."""

    status: JobStatus
    steps: Sequence[JobStep]
    actions: Sequence[OperatorAction]


class WorkerState(StrEnum):
    """Whether a worker is given jobs."""

    READY = "ready"
    DRAINING = "draining"


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """A worker as it was last seen, and the jobs that it holds now."""

    id: str
    queue: Queue
    state: WorkerState
    engines: Sequence[str]
    software_version: str
    slots: int
    last_seen_seconds: float
    job_ids: Sequence[JobId]


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """How deep a queue is, and what it can do: `slots` are the free and busy hands of workers seen lately."""

    queue: Queue
    is_paused: bool
    running_max: int | None
    slots: int
    depths: Mapping[JobState, int]
    oldest_seconds: float | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A job that could not be queued again, and why."""

    job_id: JobId
    reason: str


@dataclass(frozen=True, slots=True)
class Requeued:
    """What queueing many again came to; `has_more` says that there are others to do the same with."""

    job_ids: Sequence[JobId]
    refused: Sequence[Refused]
    has_more: bool
