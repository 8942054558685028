"""How much work a queue has, and how many workers that makes."""

import math
from dataclasses import dataclass

from domain.jobs.models import Queue


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """One queue at one moment; counts stop at a bound, so that a backlog of millions costs no more to look at.

    `queued` are due, `postponed` wait for their moment; the seconds are estimates of whole jobs. `workers` and `slots`
    are those that were seen lately and do not drain.
    """

    queue: Queue
    is_paused: bool
    queued: int
    postponed: int
    dispatched: int
    running: int
    waiting_seconds: float
    running_seconds: float
    oldest_seconds: float
    workers: int
    slots: int


def workers_wanted(load: QueueLoad, *, target_seconds: float) -> int:
    """Answer how many workers of one slot would have all of it done within the target; none where nothing is to do."""
    waiting = 0.0 if load.is_paused else load.waiting_seconds
    return math.ceil((waiting + load.running_seconds) / target_seconds)
