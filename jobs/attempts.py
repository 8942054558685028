"""One attempt of the jobs process at one job, and how its lease is kept while it runs and while it ends."""

import asyncio
import time
from dataclasses import dataclass
from enum import Enum, auto

from bootstrap.container import Container
from domain.errors import Unavailable
from domain.jobs.errors import FenceLost
from domain.jobs.models import CANCEL_KEY, ClaimedJob
from jobs.context import JobContext


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
    next_beat: asyncio.TimerHandle | None = None

    @property
    def job(self) -> ClaimedJob:
        return self.context.job

    def halt(self, reason: Stop) -> None:
        if self.stop is None and self.is_at_work and self.task is not None:
            self.stop = reason
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
        self._beat_later(attempt, now)
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
                        self._beat_now(attempt)

    def _beat_later(self, attempt: Attempt, now: float) -> None:
        pause = min(self._seconds / 4, max(0.0, attempt.deadline - now))
        attempt.next_beat = asyncio.get_running_loop().call_later(pause, self._beat_now, attempt)

    def _beat_now(self, attempt: Attempt) -> None:
        if attempt.next_beat is not None:
            attempt.next_beat.cancel()
        beat = asyncio.create_task(self._beat(attempt))
        self._beats.add(beat)
        beat.add_done_callback(self._beats.discard)

    async def _beat(self, attempt: Attempt) -> None:
        sent = time.monotonic()
        if sent >= attempt.deadline:
            attempt.halt(Stop.TIMED_OUT)
            return
        try:
            beat = await self._services.claims.beat(attempt.job.fence, lease_seconds=self._seconds)
        except FenceLost:
            attempt.halt(Stop.LOST)
            return
        except Unavailable:
            if sent >= attempt.held_until:
                attempt.halt(Stop.LOST)
                return
        else:
            attempt.held_until = sent + self._seconds
            if beat.is_cancelled:
                attempt.halt(Stop.CANCELLED)
                return
        if not attempt.is_over:
            self._beat_later(attempt, time.monotonic())
