"""The state machine of a job, as a table; the SQL functions of the same names enforce it row by row.

Invariant: a final state is left by an operator's requeue alone, and a cancel that was asked for beats every retry.
"""

from collections.abc import Mapping
from enum import StrEnum

from domain.jobs.errors import MoveNotAllowed
from domain.jobs.models import JobState


class Move(StrEnum):
    """What can happen to a job."""

    UNBLOCK = "unblock"  # what it waited for has succeeded
    DISPATCH = "dispatch"  # the fair pick chose it
    RETURN_DELIVERY = "return_delivery"  # nobody took the delivery in time
    CLAIM = "claim"  # a worker took it under a lease
    TAKE = "take"  # the jobs process picked and claimed it in one transaction
    FINISH = "finish"
    RETRY = "retry"  # it failed and has attempts left
    GIVE_UP = "give_up"  # it failed for good
    LOSE = "lose"  # the lease ran out
    SET_ASIDE = "set_aside"  # the lease ran out once too often: it kills its workers
    RELEASE = "release"  # the worker stops gracefully
    CANCEL = "cancel"  # somebody wants it stopped
    STOP = "stop"  # the worker has stopped, or was lost, after a cancel was asked for
    ABORT = "abort"  # it could not start in time, or what it waited for did not succeed
    PUT_ASIDE = "put_aside"  # an operator wants it out of the way; a running one is fenced at once
    REQUEUE = "requeue"  # an operator wants it tried anew; the epoch goes on, so nothing sent before counts


_S, _M = JobState, Move

NEXT_STATES: Mapping[tuple[JobState, Move], JobState] = {
    (_S.BLOCKED, _M.UNBLOCK): _S.QUEUED,
    (_S.BLOCKED, _M.CANCEL): _S.CANCELED,
    (_S.BLOCKED, _M.ABORT): _S.ABORTED,
    (_S.BLOCKED, _M.PUT_ASIDE): _S.DEAD,
    (_S.QUEUED, _M.DISPATCH): _S.DISPATCHED,
    (_S.QUEUED, _M.CANCEL): _S.CANCELED,
    (_S.QUEUED, _M.ABORT): _S.ABORTED,
    (_S.QUEUED, _M.PUT_ASIDE): _S.DEAD,
    (_S.DISPATCHED, _M.RETURN_DELIVERY): _S.QUEUED,
    (_S.DISPATCHED, _M.CLAIM): _S.RUNNING,
    (_S.QUEUED, _M.TAKE): _S.RUNNING,
    (_S.DISPATCHED, _M.TAKE): _S.RUNNING,
    (_S.DISPATCHED, _M.CANCEL): _S.CANCELED,
    (_S.DISPATCHED, _M.ABORT): _S.ABORTED,
    (_S.DISPATCHED, _M.PUT_ASIDE): _S.DEAD,
    (_S.RUNNING, _M.FINISH): _S.SUCCEEDED,
    (_S.RUNNING, _M.RETRY): _S.QUEUED,
    (_S.RUNNING, _M.GIVE_UP): _S.FAILED,
    (_S.RUNNING, _M.LOSE): _S.QUEUED,
    (_S.RUNNING, _M.SET_ASIDE): _S.DEAD,
    (_S.RUNNING, _M.RELEASE): _S.QUEUED,
    (_S.RUNNING, _M.CANCEL): _S.RUNNING,  # asked for; the worker stops at its next heartbeat
    (_S.RUNNING, _M.STOP): _S.CANCELED,
    (_S.RUNNING, _M.PUT_ASIDE): _S.DEAD,
    (_S.FAILED, _M.REQUEUE): _S.QUEUED,
    (_S.ABORTED, _M.REQUEUE): _S.QUEUED,
    (_S.DEAD, _M.REQUEUE): _S.QUEUED,
}


def next_state(state: JobState, move: Move) -> JobState:
    """Answer the state after the move; raises MoveNotAllowed."""
    try:
        return NEXT_STATES[state, move]
    except KeyError:
        raise MoveNotAllowed(f"A job that is {state} cannot {move.replace('_', ' ')}.") from None
