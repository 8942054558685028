"""One attempt of the jobs process at one job, and how its lease is kept while it runs and while it ends."""

import asyncio
import math
import time
from dataclasses import dataclass
from enum import Enum, auto

from bootstrap.container import Container
from domain.errors import Unavailable
from domain.jobs.errors import FenceLost
from domain.jobs.models import CANCEL_KEY, ClaimedJob
from jobs.context import JobContext

# Work that has swallowed its cancellation is cancelled again, and what it does at its end is given this long.
HALT_AGAIN_SECONDS = 2.0
# A heartbeat that is not answered does not hold up the next one.
BEATS_AT_ONCE = 2


class Stop(Enum):
    """Why a task is cancelled; never a retry's business, so it travels as asyncio's own cancellation."""

    CANCELLED = auto()
    LOST = auto()
    DRAINED = auto()
    TIMED_OUT = auto()


@dataclass(slots=True, eq=False)
class Attempt:
    """One running task and why it was stopped, if it was.

    Invariant: its asyncio task is cancelled while the work itself runs only, never while the job is being ended.
    """

    context: JobContext
    deadline: float
    held_until: float
    task: asyncio.Task[None] | None = None
    is_at_work: bool = False
    is_stopped: bool = False
    is_over: bool = False
    stop: Stop | None = None
    halted_at: float = -math.inf
    next_beat: asyncio.TimerHandle | None = None
    beats: int = 0
    is_rung: bool = False

    @property
    def job(self) -> ClaimedJob:
        return self.context.job

    def halt(self, reason: Stop) -> None:
        """Cancel the work, for the first reason that was given; again after a while, since work can swallow it."""
        now = time.monotonic()
        if self.is_at_work and self.task is not None and now - self.halted_at >= HALT_AGAIN_SECONDS:
            self.stop, self.halted_at = self.stop or reason, now
            self.task.cancel()


class Leases:
    """Beats at a quarter of the lease and at every cancel; our own clock runs from before the request was sent.

    A job that ends sooner costs a timer and no heartbeat.
    """

    def __init__(self, services: Container, *, seconds: float) -> None:
        self._services = services
        self._seconds = seconds
        self._attempts: set[Attempt] = set()
        self._beats: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._attempts)

    def begin(self, job: ClaimedJob) -> Attempt:
        """Keep the lease of a job that was claimed just now."""
        now = time.monotonic()
        context = JobContext(self._services, job)
        attempt = Attempt(context, deadline=now + job.deadline_seconds, held_until=now + self._seconds)
        self._attempts.add(attempt)
        self._beat_later(attempt)
        return attempt

    def end(self, attempt: Attempt) -> None:
        """Let the lease go: the job has ended, or is another's."""
        attempt.is_over = True
        self._attempts.discard(attempt)
        if attempt.next_beat is not None:
            attempt.next_beat.cancel()

    def halt_all(self, reason: Stop) -> None:
        for attempt in self._attempts:
            attempt.halt(reason)

    async def hear_cancels_for_ever(self) -> None:
        """Ask at once about everything that runs whenever something was cancelled somewhere."""
        async with self._services.wakeups.subscribe(CANCEL_KEY) as bell:
            while True:
                if await bell.wait(self._seconds):
                    for attempt in self._attempts:
                        self._ring(attempt)

    def _ring(self, attempt: Attempt) -> None:
        """Beat at once; where a beat is under way, it may have been too early, and one more follows it."""
        if attempt.beats:
            attempt.is_rung = True
        else:
            self._beat_now(attempt)

    def _beat_later(self, attempt: Attempt) -> None:
        if attempt.next_beat is not None:
            attempt.next_beat.cancel()
        left = attempt.deadline - time.monotonic()
        pause = min(self._seconds / 4, left) if left > 0 else self._seconds / 4
        attempt.next_beat = asyncio.get_running_loop().call_later(pause, self._beat_now, attempt)

    def _beat_now(self, attempt: Attempt) -> None:
        if attempt.is_over:
            return
        if time.monotonic() >= attempt.deadline:
            attempt.halt(Stop.TIMED_OUT)
        self._beat_later(attempt)
        if attempt.beats < BEATS_AT_ONCE:
            attempt.beats += 1
            beat = asyncio.create_task(self._beat(attempt))
            self._beats.add(beat)
            beat.add_done_callback(self._beats.discard)

    async def _beat(self, attempt: Attempt) -> None:
        try:
            await self._ask(attempt)
        finally:
            attempt.beats -= 1
        if attempt.is_rung:
            attempt.is_rung = False
            self._beat_now(attempt)

    async def _ask(self, attempt: Attempt) -> None:
        """Ask for another lease, and halt the work where there is none to be had or it is not wanted any more."""
        sent = time.monotonic()
        if attempt.stop is Stop.LOST:
            attempt.halt(Stop.LOST)
            return
        try:
            beat = await self._services.claims.beat(attempt.job.fence, lease_seconds=self._seconds)
        except FenceLost:
            attempt.halt(Stop.LOST)
        except Unavailable:
            if time.monotonic() >= attempt.held_until:
                attempt.halt(Stop.LOST)
        else:
            attempt.held_until = max(attempt.held_until, sent + self._seconds)
            if beat.is_cancelled:
                attempt.halt(Stop.CANCELLED)
