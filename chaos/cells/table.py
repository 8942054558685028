"""The cells as data: where a job is hurt (`PLACES`), by what (`FAULTS`), and what must come of it (`matrix.txt`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from failpoints.orders import Action
from failpoints.points import Point


class Fault(StrEnum):
    """What happens; the first six to the process that comes to the point, the rest around it while it is held there."""

    KILL9 = "kill9"
    EXIT = "exit"
    RAISE = "raise"
    DISCONNECT = "disconnect"  # at a point after a commit: it took effect, and its answer is lost
    STOP = "stop"  # SIGSTOP for longer than a lease, then SIGCONT
    DELAY = "delay"  # for longer than a lease, while other tasks of the process go on
    FLUSH = "flush"  # FLUSHALL
    RESTART = "restart"  # Valkey killed and started again
    TERMINATE = "terminate"  # pg_terminate_backend of every connection of the lab
    STORAGE = "storage"  # the object storage killed and started again
    DUPLICATE = "duplicate"  # the hint is delivered twice more
    STALE = "stale"  # hints of old and future deliveries, and bytes that are none
    CANCEL = "cancel"
    DRAIN = "drain"  # SIGTERM

    @property
    def action(self) -> Action:
        """What the process at the point is told to do."""
        return Action(self) if self in DONE_BY_ITSELF else Action.HOLD


DONE_BY_ITSELF = frozenset({"kill9", "exit", "raise", "disconnect", "stop"})
FAULTS = tuple(Fault)
# Faults that take seconds are tried at one or two places a boundary in every change, at all in the thorough run.
SLOW = frozenset({Fault.EXIT, Fault.RAISE, Fault.STOP, Fault.DELAY, Fault.RESTART, Fault.DRAIN})


class Work(StrEnum):
    """What the job is; each but WRITE is waited for by a second one (fan-in)."""

    WRITE = "write"  # a storyboard asked for by a client of the API
    STEPS = "steps"  # two steps with an object each, in the jobs process
    FLAKY = "flaky"  # fails once
    MAKE = "make"  # an object made by a worker over HTTP


class Host(StrEnum):
    """Whose process comes to the point."""

    API = "api"
    JOBS = "jobs"
    WORKER = "worker"
    CHILD = "child"


PARTS_OF_JOBS = frozenset(
    {
        *(Point.PICK_BEFORE_COMMIT, Point.PICK_COMMITTED, Point.HINT_SENT),
        *(Point.CLAIM_BEFORE_COMMIT, Point.CLAIM_COMMITTED),
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """One boundary, at the `hit`th coming to the point; `is_draining` where the way there is a graceful stop.

    `delivery` is how the jobs processes come by their own jobs: through hints, or by asking for them.
    """

    boundary: str
    point: Point
    host: Host
    work: Work
    hit: int = 1
    is_draining: bool = False
    delivery: str = "hints"

    @property
    def is_part_of_process(self) -> bool:
        """Whether what nobody foresaw here ends the process: it is neither the work on the job nor a request's."""
        if self.host is Host.JOBS:
            return self.work is Work.STEPS and self.point in PARTS_OF_JOBS
        return self.host is Host.WORKER

    @property
    def is_in_task(self) -> bool:
        """Whether a cancel or a graceful stop reaches what is held here: it is the work on the job itself."""
        if self.host is Host.JOBS:
            return self.work is Work.STEPS and self.boundary in {"B6", "B8", "B9", "B10", "B11"}
        return self.host in {Host.WORKER, Host.CHILD}


PLACES = {
    "accept.before": Place("B1", Point.ACCEPT_BEFORE_COMMIT, Host.API, Work.WRITE),
    "accept.after": Place("B2", Point.ACCEPT_COMMITTED, Host.API, Work.WRITE),
    "pick.before": Place("B3", Point.PICK_BEFORE_COMMIT, Host.JOBS, Work.STEPS),
    "pick.after": Place("B3", Point.PICK_COMMITTED, Host.JOBS, Work.STEPS),
    "hint.sent": Place("B4", Point.HINT_SENT, Host.JOBS, Work.STEPS),
    "hint.heard": Place("B4", Point.HINT_HEARD, Host.JOBS, Work.STEPS),
    "claim.before": Place("B5", Point.CLAIM_BEFORE_COMMIT, Host.JOBS, Work.STEPS),
    "claim.after": Place("B5", Point.CLAIM_COMMITTED, Host.JOBS, Work.STEPS),
    "take.before": Place("B5", Point.CLAIM_BEFORE_COMMIT, Host.JOBS, Work.STEPS, delivery="asking"),
    "take.after": Place("B5", Point.CLAIM_COMMITTED, Host.JOBS, Work.STEPS, delivery="asking"),
    "desk.claim.after": Place("B5", Point.CLAIM_COMMITTED, Host.JOBS, Work.MAKE),
    "desk.answering": Place("B5", Point.CLAIM_ANSWERING, Host.JOBS, Work.MAKE),
    "step.before": Place("B6", Point.STEP_BEFORE, Host.JOBS, Work.STEPS),
    "worker.before": Place("B6", Point.STEP_BEFORE, Host.WORKER, Work.MAKE),
    "child.before": Place("B6", Point.CHILD_BEFORE, Host.CHILD, Work.MAKE),
    "child.made": Place("B7", Point.CHILD_MADE, Host.CHILD, Work.MAKE),
    "worker.made": Place("B7", Point.STEP_MADE, Host.WORKER, Work.MAKE),
    "object.stored": Place("B8", Point.OBJECT_STORED, Host.JOBS, Work.STEPS),
    "worker.uploaded": Place("B8", Point.STEP_UPLOADED, Host.WORKER, Work.MAKE),
    "step.writing": Place("B9", Point.STEP_BEFORE_COMMIT, Host.JOBS, Work.STEPS, hit=2),
    "step.committed": Place("B9", Point.STEP_COMMITTED, Host.JOBS, Work.STEPS, hit=2),
    "between": Place("B10", Point.STEP_BETWEEN, Host.JOBS, Work.STEPS, hit=2),
    "finish.before": Place("B11", Point.FINISH_BEFORE_COMMIT, Host.JOBS, Work.STEPS),
    "finish.after": Place("B11", Point.FINISH_COMMITTED, Host.JOBS, Work.STEPS),
    "desk.finish.before": Place("B11", Point.FINISH_BEFORE_COMMIT, Host.JOBS, Work.MAKE),
    "desk.finish.after": Place("B11", Point.FINISH_COMMITTED, Host.JOBS, Work.MAKE),
    "desk.answered": Place("B11", Point.FINISH_ANSWERING, Host.JOBS, Work.MAKE),
    "fail.before": Place("B11", Point.FAIL_BEFORE_COMMIT, Host.JOBS, Work.FLAKY),
    "fail.after": Place("B11", Point.FAIL_COMMITTED, Host.JOBS, Work.FLAKY),
    "release.before": Place("B11", Point.RELEASE_BEFORE_COMMIT, Host.JOBS, Work.STEPS, is_draining=True),
    "release.after": Place("B11", Point.RELEASE_COMMITTED, Host.JOBS, Work.STEPS, is_draining=True),
    "hint.taken": Place("B12", Point.HINT_TAKEN, Host.JOBS, Work.STEPS),
}
MAIN_PLACES = frozenset(
    {
        *("accept.before", "accept.after", "pick.after", "hint.heard", "claim.after", "step.before", "worker.before"),
        *("child.made", "worker.made", "object.stored", "step.committed", "between", "finish.before", "fail.before"),
        *("release.before", "hint.taken"),
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the job may end, how often it may have failed and been lost; `None` is as often as it likes."""

    states: frozenset[str] = frozenset({"succeeded"})
    attempts: frozenset[int] | None = frozenset({0})
    lost: frozenset[int] | None = frozenset({0})


ONCE, ONCE_AT_MOST = frozenset({1}), frozenset({0, 1})
OUTCOMES = {
    "nothing": Outcome(states=frozenset()),  # it was never accepted, and nothing of it is left
    "fine": Outcome(),
    "lost": Outcome(lost=ONCE),
    "lost?": Outcome(lost=ONCE_AT_MOST),  # whether the lease runs out depends on who is quicker
    "tried": Outcome(attempts=ONCE),
    "tried?": Outcome(attempts=None),  # the dependency is away for as many attempts as fit in
    "lost+tried": Outcome(attempts=ONCE, lost=ONCE),
    "canceled": Outcome(states=frozenset({"canceled"})),
    "either": Outcome(states=frozenset({"succeeded", "canceled"})),  # another process may have done it by then
}

ABSENT = {
    "-s": "Nothing is read from or written to the object storage here.",
    "-u": "Nobody outside the transaction knows the job's identifier yet.",
    "-d": "There is no delivery before the pick.",
    "-p": "No transaction is open and no answer is awaited here; the cell at the commit before this is the same.",
    "-c": "The child knows neither PostgreSQL nor Redis nor the storage; the cell of its parent is the same.",
    "-k": "Told apart from another cell of the same boundary by nothing that the fault touches.",
    "-r": "Whoever comes here has stopped already; `canceled` of the states is tested in the tables of moves.",
    "-t": "The process is on its way out already, and ends before a lease does.",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault at one place; `word` is what must come of it, or why there is no such cell."""

    place: str
    fault: Fault
    word: str

    @property
    def is_absent(self) -> bool:
        return self.word in ABSENT

    @property
    def is_thorough(self) -> bool:
        return self.fault in SLOW and self.place not in MAIN_PLACES

    @property
    def name(self) -> str:
        return f"{self.place}-{self.fault}"


def read_matrix() -> Iterator[Cell]:
    """Every cell of the matrix, row by row; raises ValueError for a row that is not whole."""
    for line in Path(__file__).with_name("matrix.txt").read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        place, *words = line.split()
        for fault, word in zip(FAULTS, words, strict=True):
            yield Cell(place, fault, word)


MATRIX = tuple(read_matrix())
CELLS = tuple(cell for cell in MATRIX if not cell.is_absent)
