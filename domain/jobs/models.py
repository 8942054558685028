"""What background work is made of: jobs, their states, priorities and queues, and the results of steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from domain.events import Json
from domain.identifiers import JobId, ObjectId, WorkspaceId


class Queue(StrEnum):
    """Who does the work: the jobs process itself, a worker with a CPU, a worker with a GPU."""

    INTERNAL = "internal"
    CPU = "cpu"
    GPU = "gpu"


class Priority(IntEnum):
    """Orders the jobs of one workspace; fairness between workspaces comes first."""

    BULK = 0
    NORMAL = 10
    INTERACTIVE = 20


class JobState(StrEnum):
    """Where a job stands; `docs/lifecycles.md` has every move."""

    BLOCKED = "blocked"
    QUEUED = "queued"
    DISPATCHED = "dispatched"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    ABORTED = "aborted"
    DEAD = "dead"

    @property
    def is_final(self) -> bool:
        return self in _FINAL_STATES


_FINAL_STATES = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED, JobState.ABORTED, JobState.DEAD})


@dataclass(frozen=True, slots=True)
class JobInput:
    """An object that a worker must fetch before it can start, under the name that the command uses."""

    name: str
    object_id: ObjectId


# The name of the input from which an interrupted attempt goes on, as `contracts.protocol` has it.
CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class NewJob:
    """A piece of work to be written down in the transaction that wants it.

    `kind` names the task in `jobs/registry.py`, for example `characters.ingest_image`. `payload` is what the task
    needs: identifiers for a task of the jobs process, or `{"command": ...}` (contracts.commands) for a worker.
    `version` is the payload's: a worker that does not know the kind in this version leaves the job to one that does (a
    command carries its own). `affinity` names what a worker has to load first, a model or an adapter: workers that have
    it loaded are preferred among equals.
    `subject_id` is the thing worked on (render, storyboard, character): cancelling by subject finds the job.
    `idempotency_key` is unique in the workspace: a second job with it is not written.
    `deadline_seconds` is how long one attempt may take; a job that cannot start before `start_before` is aborted. With
    `waits_for` it starts when all of those have succeeded, and is aborted when one of them ends otherwise; each is in
    the workspace, written down before.
    """

    id: JobId
    workspace_id: WorkspaceId
    kind: str
    queue: Queue
    payload: Mapping[str, Json]
    inputs: Sequence[JobInput] = ()
    subject_id: UUID | None = None
    priority: Priority = Priority.NORMAL
    idempotency_key: str | None = None
    attempts_max: int = 5
    deadline_seconds: float = 900.0
    estimated_seconds: float = 5.0
    run_at: datetime | None = None
    start_before: datetime | None = None
    waits_for: Sequence[JobId] = ()
    version: int = 1
    affinity: str | None = None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What cancelling did: jobs that had not started are `ended`, those that a worker holds are `asked` to stop."""

    ended: int
    asked: int


@dataclass(frozen=True, slots=True)
class StepResult:
    """The result of a finished step: JSON and the objects it made, found again by the digest of all that shaped it."""

    digest: str
    result: Mapping[str, Json]
    objects: Mapping[str, ObjectId] = field(default_factory=dict[str, ObjectId])


@dataclass(frozen=True, slots=True)
class Fence:
    """The right to write: checked with the job's row in every transaction of a worker."""

    job_id: JobId
    epoch: int
    claim_id: UUID


@dataclass(frozen=True, slots=True)
class Worker:
    """Who asks for work: its queue, the engines whose commands it knows, and how many jobs it can take at once.

    In the jobs process `engines` are kinds of job with their versions, `kind@1`. `warm` is what it has loaded, as jobs'
    `affinity` names it. `models` is what its engines have been given, told to whoever chooses one; None where they have
    nothing to say.
    """

    id: str
    queue: Queue
    software_version: str
    engines: Sequence[str] = ()
    command_version: int = 1
    slots: int = 1
    warm: Sequence[str] = ()
    models: Sequence[Mapping[str, Json]] | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A hint that a job may be claimed; `number` is new each time, so an old hint is void."""

    job_id: JobId
    number: int
    queue: Queue
    workspace_id: WorkspaceId
    waited_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that a worker holds: what to do, and how often it has failed or been lost before."""

    fence: Fence
    workspace_id: WorkspaceId
    kind: str
    payload: Mapping[str, Json]
    inputs: Sequence[JobInput]
    subject_id: UUID | None
    attempts: int
    attempts_max: int
    lost: int
    deadline_seconds: float
    version: int = 1
    affinity: str | None = None
    waited_seconds: float = 0.0
    delivery: int = 0

    @property
    def id(self) -> JobId:
        return self.fence.job_id


@dataclass(frozen=True, slots=True)
class AlikeJob:
    """A job that may be worth doing together with one that a worker holds; with its claim id where it holds both."""

    id: JobId
    payload: Mapping[str, Json]
    claim_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """The success of a job that leaves nothing else behind."""

    fence: Fence
    workspace_id: WorkspaceId
    worked_seconds: float


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What the engine answers a worker that is still at it."""

    is_cancelled: bool
    is_draining: bool


class CancelOutcome(StrEnum):
    """What came of asking for a job to be cancelled."""

    CANCELED = "canceled"
    CANCELLATION_REQUESTED = "cancellation_requested"
    ALREADY_FINISHED = "already_finished"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class EndedJob:
    """A job that has ended without success, as its slice hears of it."""

    id: JobId
    workspace_id: WorkspaceId
    kind: str
    payload: Mapping[str, Json]
    subject_id: UUID | None
    state: JobState
    failure_code: str
    failure_message: str


@dataclass(frozen=True, slots=True)
class FinishedJob:
    """A worker's job that is done: what it answered, and the objects that it made by output name."""

    id: JobId
    workspace_id: WorkspaceId
    kind: str
    payload: Mapping[str, Json]
    subject_id: UUID | None
    result: Mapping[str, Json]
    objects: Mapping[str, ObjectId]
    worked_seconds: float


# What is rung after a commit that gave the dispatcher something to pick, and one that asked a running job to stop.
DISPATCH_KEY = "jobs"
CANCEL_KEY = "cancels"


def queue_key(queue: Queue) -> str:
    """What is rung when a queue has something to claim or, that of the jobs process, to take."""
    return f"queue:{queue}"


# What is rung where a job of any queue may have been queued, or a place under a cap become free.
MOVED_KEYS = frozenset({DISPATCH_KEY, queue_key(Queue.INTERNAL)})
