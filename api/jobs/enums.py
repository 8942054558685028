"""The enums of the engine, described before any class of the schema names them."""

from api.enums import describe_enum
from domain.jobs.models import JobState, Queue
from domain.jobs.operations import WorkerState

__all__ = ["JobState", "Queue", "WorkerState"]

describe_enum(
    JobState,
    "Where a job stands.",
    {
        JobState.BLOCKED: "Waits for other jobs.",
        JobState.QUEUED: "Waits for its turn.",
        JobState.DISPATCHED: "A worker was told of it and has not begun.",
        JobState.RUNNING: "A worker holds it under a lease.",
        JobState.SUCCEEDED: "Done.",
        JobState.FAILED: "No attempt is left, or trying again would not help.",
        JobState.CANCELED: "Somebody wanted it stopped.",
        JobState.ABORTED: "It could not start in time, or what it waited for did not succeed.",
        JobState.DEAD: "It was lost with its workers too often, or an operator set it aside.",
    },
)
describe_enum(
    Queue,
    "Who does the work.",
    {Queue.INTERNAL: "The jobs process.", Queue.CPU: "Workers with a CPU.", Queue.GPU: "Workers with a GPU."},
)
describe_enum(
    WorkerState,
    "Whether a worker is given jobs.",
    {
        WorkerState.READY: "It is given jobs.",
        WorkerState.DRAINING: "It is given none; it ends or hands back what it holds.",
    },
)
