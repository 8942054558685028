"""The table of the domain and the SQL allow the same moves: every state by every move, put to the database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.identifiers import JobId
from domain.jobs.lifecycle import NEXT_STATES, Move
from domain.jobs.models import Fence, JobState, Queue, Worker
from tests.adapters.postgres.jobs_model import engine as sql
from tests.adapters.postgres.jobs_model.clock import START
from tests.adapters.postgres.jobs_model.engine import (
    Engine,
    claim_arguments,
    fence_arguments,
    see_arguments,
    take_arguments,
)
from tests.adapters.postgres.jobs_model.model import seconds

SPACE, JOB, PARENT = UUID(int=1), UUID(int=101), UUID(int=102)
FENCE = Fence(JobId(JOB), 4, UUID(int=9))
PARENT_FENCE = Fence(JobId(PARENT), 1, UUID(int=8))
HAND = Worker(id="hand", queue=Queue.CPU, software_version="test", slots=4)
PUT = """
insert into jobs (id, workspace_id, kind, queue, state, delivery, dispatched_at, epoch, claim_id, worker_id, started_at,
                  lease_until, deadline_at, finished_at, event_number)
values ($1, $2, 'tests.work', 'cpu', $3, 1, $4, $5, $6, 'hand', $4, $7, $4, $8, 0)
"""

Change = Callable[[Engine], object]


def later(amount: float) -> Change:
    return lambda engine: engine.set_clock(START + seconds(amount))


def with_row(assignment: str) -> Change:
    return lambda engine: engine.as_owner(f"update jobs set {assignment} where id = $1", JOB)  # noqa: S608 - constants


def report(statement: str, *more: object) -> Change:
    return lambda engine: engine.value(statement, *fence_arguments(FENCE), *more)


def put(engine: Engine, job_id: UUID, state: JobState, fence: Fence) -> None:
    """Write a job down in any state, as no call would."""
    lease_until = START + seconds(30) if state is JobState.RUNNING else None
    finished_at = START if state.is_final else None
    before = START - timedelta(hours=1)
    engine.as_owner(PUT, job_id, SPACE, str(state), before, fence.epoch, fence.claim_id, lease_until, finished_at)


def begin(engine: Engine, state: JobState) -> None:
    engine.empty()
    engine.as_owner(sql.ADD_SPACE, SPACE, 1.0, 8)
    put(engine, JOB, state, FENCE)


def wait_for_parent(engine: Engine) -> None:
    put(engine, PARENT, JobState.RUNNING, PARENT_FENCE)
    engine.as_owner("insert into job_dependencies values ($1, $2)", JOB, PARENT)
    engine.as_owner("update jobs set waiting_on = 1 where id = $1", JOB)


def finish_parent(engine: Engine) -> None:
    assert engine.value(sql.FINISH, *fence_arguments(PARENT_FENCE), 1.0) == JobState.SUCCEEDED


def fail_parent(engine: Engine) -> None:
    assert engine.value(sql.FAIL, *fence_arguments(PARENT_FENCE), None) == JobState.FAILED


def dispatch(engine: Engine) -> None:
    engine.value(sql.SEE, *see_arguments(HAND))
    engine.rows(sql.PICK, 0, 30.0, 100)


def claim(engine: Engine) -> None:
    engine.rows(sql.CLAIM, *claim_arguments(HAND, UUID(int=7), JOB, 1))


def take(engine: Engine) -> None:
    engine.value(sql.SEE, *see_arguments(HAND))
    engine.rows(sql.TAKE, *take_arguments(HAND, UUID(int=7)))


def put_aside(engine: Engine) -> None:
    """The operator's call fences; the reaper's ends the job and tells the business."""
    engine.value("select job_set_aside('ada', 'It is in the way.', $1)", JOB)
    engine.value(sql.BURY, JOB)


def requeue(engine: Engine) -> None:
    engine.value("select job_requeue('ada', 'The store is back.', $1)", JOB)


# What makes each move, with every condition met but the state; the last one of a sequence is the call.
CALLS: list[tuple[Move, list[Change]]] = [
    (Move.UNBLOCK, [wait_for_parent, finish_parent]),
    (Move.DISPATCH, [dispatch]),
    (Move.RETURN_DELIVERY, [lambda engine: engine.rows(sql.RETURN_DELIVERIES, 0.0)]),
    (Move.CLAIM, [claim]),
    (Move.TAKE, [take]),
    (Move.FINISH, [report(sql.FINISH, 1.0)]),
    (Move.RETRY, [report(sql.FAIL, 5.0)]),
    (Move.GIVE_UP, [report(sql.FAIL, None)]),
    (Move.GIVE_UP, [with_row("attempts = attempts_max - 1"), report(sql.FAIL, 5.0)]),
    (Move.LOSE, [later(31), lambda engine: engine.value(sql.REAP)]),
    (Move.SET_ASIDE, [later(31), with_row("lost = lost_max - 1"), lambda engine: engine.value(sql.BURY, JOB)]),
    (Move.RELEASE, [report(sql.RELEASE)]),
    (Move.CANCEL, [lambda engine: engine.value(sql.CANCEL, SPACE, JOB)]),
    (Move.CANCEL, [with_row(f"subject_id = '{SPACE}'"), lambda engine: engine.rows(sql.CANCEL_SUBJECT, SPACE, SPACE)]),
    (Move.STOP, [with_row("cancel_requested_at = created_at"), report(sql.RELEASE)]),
    (Move.STOP, [with_row("cancel_requested_at = created_at"), report(sql.FAIL, 5.0)]),
    (Move.STOP, [with_row("cancel_requested_at = created_at"), later(31), lambda engine: engine.value(sql.REAP)]),
    (Move.ABORT, [with_row("start_before = created_at"), lambda engine: engine.value(sql.BURY, JOB)]),
    (Move.PUT_ASIDE, [put_aside]),
    (Move.REQUEUE, [requeue]),
]
CASES = [(state, number) for state in JobState for number in range(len(CALLS))]


@pytest.mark.parametrize(("state", "number"), CASES)
def test_the_database_makes_the_moves_of_the_table_and_no_other(engine: Engine, state: JobState, number: int) -> None:
    move, changes = CALLS[number]
    begin(engine, state)
    for change in changes:
        change(engine)
    expected = NEXT_STATES.get((state, move), state)
    assert engine.value("select state from jobs where id = $1", JOB) == expected


def test_every_move_has_a_call() -> None:
    assert {move for move, _ in CALLS} == set(Move)


@pytest.mark.parametrize("state", JobState)
def test_only_a_job_that_waits_is_given_up_with_what_it_waits_for(engine: Engine, state: JobState) -> None:
    begin(engine, state)
    wait_for_parent(engine)
    fail_parent(engine)
    expected = JobState.ABORTED if state is JobState.BLOCKED else state
    assert engine.value("select state from jobs where id = $1", JOB) == expected


@pytest.mark.parametrize("stale", [replace(FENCE, epoch=3), replace(FENCE, epoch=5), replace(FENCE, claim_id=PARENT)])
@pytest.mark.parametrize("statement", [sql.FINISH, sql.FAIL, sql.RELEASE, sql.GIVE_UP_LEASE, sql.BEAT, sql.HOLDS])
def test_no_report_is_taken_from_a_fence_of_another_epoch_or_claim(
    engine: Engine, statement: str, stale: Fence
) -> None:
    begin(engine, JobState.RUNNING)
    before = engine.rows("select * from jobs")
    more = [1.0] if statement in (sql.FINISH, sql.FAIL, sql.BEAT) else []
    assert not engine.value(statement, *fence_arguments(stale), *more)
    assert engine.rows("select * from jobs") == before
