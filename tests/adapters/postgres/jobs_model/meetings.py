"""Two calls that meet: where they begin, which rows a third session may hold meanwhile, and what may come of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from adapters.postgres.job_rows import enqueue_parameters
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import Fence, NewJob, Priority, Queue, Worker
from tests.adapters.postgres.jobs_model import engine as sql
from tests.adapters.postgres.jobs_model.clock import START
from tests.adapters.postgres.jobs_model.engine import LEASE_SECONDS, Engine, claim_arguments, fence_arguments
from tests.adapters.postgres.jobs_model.model import SEEN_SECONDS, seconds
from tests.adapters.postgres.jobs_model.stage import Actor

SPACE, SUBJECT = UUID(int=1), UUID(int=2)
JOB, CHILD, LAST = (JobId(UUID(int=number)) for number in (11, 12, 13))
CLAIM_ID = UUID(int=21)
FENCE = Fence(JOB, 1, CLAIM_ID)
HAND = Worker(id="hand", queue=Queue.CPU, software_version="test", slots=2)
STATES = "select array(select state from jobs order by id)"
Outcome = tuple[Any, ...]


@dataclass(frozen=True)
class Meeting:
    """Two actors, the scene that they find, and every outcome that is allowed: their answers, then `look`."""

    name: str
    scene: Callable[[Engine], None]
    actors: Sequence[Actor]
    allowed: set[Outcome]
    look: str = STATES


def call(statement: str, *arguments: object) -> Actor:
    return Actor(((statement, *arguments),))


def undone(actor: Actor) -> Actor:
    """The same, but its connection dies before the commit."""
    return replace(actor, ending="rollback")


def report(statement: str, *more: object, fence: Fence = FENCE) -> Actor:
    return call(statement, *fence_arguments(fence), *more)


def gate(table_and_row: str) -> Actor:
    """A third session that holds a row, so that another stops inside its function until it is let go."""
    return call(f"select 1 from {table_and_row} for update")  # noqa: S608 - constants


def new_job(job_id: JobId, *waits_for: JobId) -> NewJob:
    return NewJob(
        id=job_id,
        workspace_id=WorkspaceId(SPACE),
        kind="tests.work",
        queue=Queue.CPU,
        payload={},
        subject_id=SUBJECT,
        waits_for=waits_for,
    )


def queued(*jobs: NewJob, hands: int = 2) -> Callable[[Engine], None]:
    """Jobs of one workspace whose cap is as wide as the window."""

    def scene(engine: Engine) -> None:
        engine.as_owner(sql.ADD_SPACE, SPACE, 1.0, hands)
        engine.value(sql.SEE, *sql.see_arguments(replace(HAND, slots=hands)))
        for job in jobs:
            assert engine.enqueue(job)
        engine.rows(sql.PICK, 0, SEEN_SECONDS, 0)  # gives nothing out, and marks the lane as a backlog has it

    return scene


def dispatched(*jobs: NewJob, hands: int = 2) -> Callable[[Engine], None]:
    return after(queued(*jobs, hands=hands), lambda engine: engine.rows(*PICK))


def running(*jobs: NewJob, hands: int = 2) -> Callable[[Engine], None]:
    return after(
        dispatched(*jobs, hands=hands), lambda engine: engine.rows(sql.CLAIM, *claim_arguments(HAND, CLAIM_ID, JOB, 1))
    )


def after(scene: Callable[[Engine], None], *changes: Callable[[Engine], object]) -> Callable[[Engine], None]:
    def changed(engine: Engine) -> None:
        scene(engine)
        for change in changes:
            change(engine)

    return changed


def expire(engine: Engine) -> None:
    engine.set_clock(START + seconds(LEASE_SECONDS + 1))


def almost_dead(engine: Engine) -> None:
    engine.as_owner("update jobs set lost = lost_max - 1 where id = $1", JOB)


def fail_and_queue_again(engine: Engine) -> None:
    engine.value(sql.FAIL, *fence_arguments(FENCE), 0.0)


def claim(claim_id: UUID, job_id: UUID | None = None, delivery: int | None = None) -> Actor:
    return call(sql.CLAIM, *claim_arguments(HAND, claim_id, job_id, delivery))


def take(*claim_ids: UUID) -> Actor:
    arguments = sql.take_arguments(HAND, *claim_ids)
    return call("select count(*) from job_take($1, $2, $3, $4::text[], $5, $6)", *arguments)


PICK = (sql.PICK, 0, SEEN_SECONDS, 100)
COUNT_PICKED = "select count(*) from job_pick('cpu', $1, $2, $3)"
pick = call(COUNT_PICKED, *PICK[1:])
finish = report(sql.FINISH, 100.0)
fail = report(sql.FAIL, 0.0)
give_up = report(sql.FAIL, None)
release = report(sql.RELEASE)
beat = report(sql.BEAT, LEASE_SECONDS)
reap = call(sql.REAP)
bury = call(sql.BURY, JOB)
cancel = call(sql.CANCEL, SPACE, JOB)
cancel_subject = call("select count(*) from job_cancel_subject($1, $2, 'Not wanted.')", SPACE, SUBJECT)
return_deliveries = call("select count(*) from job_return_deliveries(0, 100)")
enqueue_child = call(sql.ENQUEUE, *enqueue_parameters(new_job(CHILD, JOB)).values())
enqueue_urgent = call(sql.ENQUEUE, *enqueue_parameters(replace(new_job(LAST), priority=Priority.INTERACTIVE)).values())
commit_step = Actor(((sql.RECORD_STEP, SPACE, "clip", 1), (sql.HOLDS, *fence_arguments(FENCE))), needs_true=True)
hold_child = gate(f"jobs where id = '{CHILD}'")
hold_share = gate("workspace_shares")

OTHER_CLAIM = UUID(int=22)
JOB_ALONE, WITH_CHILD = (new_job(JOB),), (new_job(JOB), new_job(CHILD, JOB))
TWO, THREE = (new_job(JOB), new_job(CHILD)), (new_job(JOB), new_job(CHILD), new_job(LAST))

THREE_TO_CANCEL = after(
    running(new_job(JOB), hands=3),
    fail_and_queue_again,
    lambda engine: [engine.enqueue(each) for each in (new_job(CHILD), new_job(LAST))],
)
ONE_RUNS_ONE_WAITS = after(running(*JOB_ALONE), lambda engine: engine.enqueue(new_job(CHILD)))

MEETINGS = [
    Meeting(
        "claim and claim of one delivery",
        dispatched(*JOB_ALONE),
        [claim(CLAIM_ID, JOB, 1), claim(OTHER_CLAIM, JOB, 1)],
        {(JOB, None, "running"), (None, JOB, "running")},
    ),
    Meeting(
        "claim and claim of one delivery, the first undone",
        dispatched(*JOB_ALONE),
        [undone(claim(CLAIM_ID, JOB, 1)), claim(OTHER_CLAIM, JOB, 1)],
        {(JOB, JOB, "running"), (None, JOB, "running")},
    ),
    Meeting(
        "claim and claim of whichever is next",
        dispatched(*TWO),
        [claim(CLAIM_ID), claim(OTHER_CLAIM)],
        {(JOB, CHILD, "running", "running"), (CHILD, JOB, "running", "running")},
    ),
    Meeting(
        "claim and the same claim repeated",
        dispatched(*TWO),
        [claim(CLAIM_ID), claim(CLAIM_ID)],
        {(JOB, JOB, "running", "dispatched")},
    ),
    Meeting(
        "claim and return of its delivery",
        dispatched(*JOB_ALONE),
        [claim(CLAIM_ID, JOB, 1), return_deliveries],
        {(JOB, 0, "running"), (None, 1, "queued")},
    ),
    Meeting(
        "finish and reap",
        after(running(*WITH_CHILD), expire),
        [finish, reap, hold_child],
        {("succeeded", 0, "succeeded", "queued"), ("queued", 1, "queued", "blocked")},
    ),
    Meeting(
        "finish and reap, the finish undone",
        after(running(*WITH_CHILD), expire),
        [undone(finish), reap],
        {
            ("succeeded", 0, "running", "blocked"),
            ("succeeded", 1, "queued", "blocked"),
            ("queued", 1, "queued", "blocked"),
        },
    ),
    Meeting(
        "finish and the same finish repeated",
        running(*WITH_CHILD),
        [finish, finish],
        {("succeeded", "succeeded", "succeeded", "queued")},
    ),
    Meeting(
        "cancel and finish",
        running(*WITH_CHILD),
        [cancel, finish, hold_child],
        {("running", "succeeded", "succeeded", "queued"), ("succeeded", "succeeded", "succeeded", "queued")},
    ),
    Meeting(
        "cancel and claim",
        dispatched(*JOB_ALONE),
        [cancel, claim(CLAIM_ID, JOB, 1)],
        {("dispatched", None, "canceled"), ("running", JOB, "running")},
    ),
    Meeting(
        "pick and pick",
        queued(*THREE),
        [pick, pick, hold_child],
        {
            (2, 0, "dispatched", "dispatched", "queued"),
            (0, 2, "dispatched", "dispatched", "queued"),
            (1, 1, "dispatched", "dispatched", "queued"),
            (1, 0, "dispatched", "queued", "queued"),
            (0, 1, "dispatched", "queued", "queued"),
        },
    ),
    Meeting(
        "pick and pick while an urgent job arrives",
        queued(*TWO),
        [pick, pick, enqueue_urgent],
        {
            (2, 0, "dispatched", "dispatched", "queued"),
            (0, 2, "dispatched", "dispatched", "queued"),
            (2, 0, "dispatched", "queued", "dispatched"),
            (0, 2, "dispatched", "queued", "dispatched"),
        },
    ),
    Meeting(
        "take and take while an urgent job arrives",
        queued(*TWO),
        [take(CLAIM_ID, UUID(int=31)), take(OTHER_CLAIM, UUID(int=32)), enqueue_urgent],
        {
            (2, 0, "running", "running", "queued"),
            (0, 2, "running", "running", "queued"),
            (2, 0, "running", "queued", "running"),
            (0, 2, "running", "queued", "running"),
        },
    ),
    Meeting(
        "take and pick",
        queued(*THREE),
        [take(CLAIM_ID, OTHER_CLAIM), pick],
        {
            (2, 0, "running", "running", "queued"),
            (0, 2, "dispatched", "dispatched", "queued"),
            (2, 2, "running", "running", "queued"),
        },
    ),
    Meeting(
        "retry and reap",
        after(running(*JOB_ALONE), expire),
        [fail, reap],
        {("queued", 0, "queued"), ("queued", 1, "queued")},
    ),
    Meeting(
        "heartbeat and reap",
        after(running(*JOB_ALONE), expire),
        [beat, reap],
        {(False, 0, "running"), (None, 1, "queued")},
    ),
    Meeting(
        "step and reap",
        after(running(*JOB_ALONE), expire),
        [commit_step, reap],
        {(True, 0, "running", "clip"), (True, 1, "queued", "clip"), (False, 1, "queued")},
        look="select array(select state from jobs union all select digest from step_results)",
    ),
    Meeting(
        "release and cancel",
        running(*JOB_ALONE),
        [release, cancel],
        {("queued", "queued", "canceled"), ("canceled", "running", "canceled")},
    ),
    Meeting(
        "enqueue and finish of what it waits for",
        running(*JOB_ALONE),
        [enqueue_child, finish],
        {(True, "succeeded", "succeeded", "queued")},
    ),
    Meeting(
        "enqueue and failure of what it waits for",
        running(*JOB_ALONE),
        [enqueue_child, give_up],
        {(True, "failed", "failed", "aborted")},
    ),
    Meeting(
        "bury and finish",
        after(running(*WITH_CHILD), almost_dead, expire),
        [bury, finish, hold_child],
        {(1, "dead", "dead", "aborted"), (0, "succeeded", "succeeded", "queued")},
    ),
    Meeting(
        "cancel of a subject and pick",
        THREE_TO_CANCEL,
        [cancel_subject, pick, hold_child],
        {(3, picked, "canceled", "canceled", "canceled") for picked in (0, 1, 2, 3)},
    ),
    Meeting(
        "pick and finish, the charge of both kept",
        ONE_RUNS_ONE_WAITS,
        [pick, finish, hold_share],
        {(1, "succeeded", 105.0)},
        look="select virtual_time from workspace_shares",
    ),
]
