"""Runs the tasks of the jobs process: claims, and ends the job by what came of it."""

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial

import structlog

from bootstrap.container import Container
from domain.errors import Unavailable
from domain.identifiers import JobId
from domain.jobs.errors import FenceLost
from domain.jobs.models import ClaimedJob, Worker, queue_key
from domain.jobs.policies import Failure, FailureCode
from failpoints import Point, reach
from jobs.asking import Ask, Asking, answered
from jobs.attempts import Attempt, Leases, Stop
from jobs.draining import DrainWish
from jobs.endings import Endings
from jobs.finishing import Finishing
from jobs.hands import Hands
from jobs.outcomes import to_failure
from jobs.registry import Registry

ASK_SECONDS = 2.0
DRAIN_SECONDS = 20.0
HEARD_MAX = 1000
REPORT_PAUSE_SECONDS_MAX = 5.0
# Beside those at work: what was taken ahead, and jobs whose work is done and whose end is being committed.
HELD_MAX = 128

log = structlog.get_logger()


async def failure_of(work: Awaitable[None], job: ClaimedJob) -> Failure | None:
    """Do the work and name what went wrong; FenceLost passes through, since there is nothing left to report."""
    try:
        await work
    except FenceLost:
        raise
    except Exception as error:
        failure = to_failure(error)
        is_ours = failure.code is FailureCode.INTERNAL
        log.warning("job_failed", job_id=str(job.id), kind=job.kind, code=failure.code, exc_info=is_ours)
        return failure
    return None


async def survives(work: Awaitable[object], event: str, **what: object) -> bool:
    """Do the work and answer whether it was done; what breaks is logged, so that one piece cannot stop the others."""
    try:
        await work
    except Unavailable:
        raise
    except Exception:
        log.exception(event, **what)
        return False
    return True


async def become_idle(hands: Hands, running: set[asyncio.Task[None]]) -> None:
    """Wait until nothing runs or ends, and no claim is under way, which may still bring a job in."""
    for _ in range(hands.count):
        await hands.take()
    while running:
        await asyncio.wait(running)


async def call_task(registry: Registry, attempt: Attempt) -> None:
    job = attempt.job
    await reach(Point.STEP_BEFORE, job.id, job.kind)
    await registry.tasks[job.kind](attempt.context, job)


class Runner:
    """Works on up to `worker.slots` jobs at once; hints tell it what to claim, and it asks by itself as well."""

    def __init__(
        self,
        services: Container,
        registry: Registry,
        *,
        worker: Worker,
        lease_seconds: float,
        drain_seconds: float = DRAIN_SECONDS,
        ask: Ask | None = None,
    ) -> None:
        self._services = services
        self._registry = registry
        self._endings = Endings(services, registry)
        self._finishing = Finishing(services)
        self._worker = worker
        self._lease_seconds = lease_seconds
        self._asking = Asking(services, ask or services.claims.claim_many, lease_seconds=lease_seconds)
        self._hands = Hands(worker.slots, ahead_seconds=services.settings.jobs.ahead_seconds)
        self._leases = Leases(services, seconds=lease_seconds)
        self._running: set[asyncio.Task[None]] = set()
        self._is_draining = False
        self._drain_wish = DrainWish(seconds=drain_seconds)
        # What was claimed here already: its hint comes too late and need not ask the database.
        self._heard: OrderedDict[JobId, int] = OrderedDict()

    @cached_property
    def _knowing(self) -> Worker:
        """The worker with what it knows; what it does not know is never given to it, and waits for one that does."""
        return replace(self._worker, engines=self._registry.known_tasks())

    async def take(self, job_id: JobId | None = None, delivery: int | None = None) -> bool:
        """Wait for a free hand, claim the delivery (or whichever job is next) and start it; False if there is none."""
        if job_id is not None and self._heard.get(job_id) == delivery:
            return False
        await self._hands.take()
        job = None
        try:
            if not self._is_draining and not self._drain_wish.is_wished:
                job = await self._claim(job_id, delivery)
        finally:
            if job is None:
                self._hands.free()
        if job is None:
            return False
        self._start(job)
        return True

    async def take_some(self) -> int:
        """Ask for every hand that is free and some ahead, in one transaction, and start what came; answer how many."""
        jobs: Sequence[ClaimedJob] = ()
        hands = await self._hands.take_free()
        try:
            if hands and not self._is_draining and not self._drain_wish.is_wished:
                ahead = min(self._hands.ahead, HELD_MAX - len(self._leases))
                jobs = await self._asking.ask(self._knowing, jobs=hands + max(0, ahead))
        finally:
            self._hands.free(max(0, hands - len(jobs)))
        for place, job in enumerate(jobs):
            self._start(job, is_ahead=place >= hands)
        return len(jobs)

    def _start(self, job: ClaimedJob, *, is_ahead: bool = False) -> None:
        self._heard[job.id] = job.delivery
        while len(self._heard) > HEARD_MAX:
            self._heard.popitem(last=False)
        self._services.metrics.claimed(job)
        attempt = self._leases.begin(job)
        attempt.task = asyncio.create_task(self._run(attempt, is_ahead=is_ahead))
        self._running.add(attempt.task)
        attempt.task.add_done_callback(self._running.discard)

    async def _claim(self, job_id: JobId | None, delivery: int | None) -> ClaimedJob | None:
        claim = partial(
            self._services.claims.claim,
            self._knowing,
            claim_id=self._services.new_id(),
            lease_seconds=self._lease_seconds,
            job_id=job_id,
            delivery=delivery,
        )
        return await answered(claim)

    async def ask_for_ever(self, *, ask_seconds: float = ASK_SECONDS) -> None:
        """Ask for work at each ring, when hands have become free, and every so often, as rings may be lost."""
        async with self._services.wakeups.subscribe(queue_key(self._worker.queue)) as bell:
            seen_at = -ask_seconds
            while not self._is_draining:
                with suppress(Unavailable):
                    # At work it is rung many times a second: it need not be seen each time.
                    if time.monotonic() - seen_at > ask_seconds / 2:
                        if self._drain_wish.note(is_wished=await self._services.claims.see(self._knowing)):
                            self._leases.halt_all(Stop.DRAINED)
                        if self._drain_wish.is_wished:
                            await self._asking.hand_back(self._worker.id, self._endings)
                        seen_at = time.monotonic()
                    while len(self._leases) <= HELD_MAX and await self.take_some():
                        pass
                await bell.wait(ask_seconds * random.uniform(0.7, 1.3))  # noqa: S311 - spreads askers

    async def hear_cancels_for_ever(self) -> None:
        """Stop what is cancelled as soon as that is rung; without it, at the next heartbeat."""
        await self._leases.hear_cancels_for_ever()

    async def drain(self, *, seconds: float) -> None:
        """Take nothing more, wait for what runs, then hand the rest back with nothing charged."""
        self._is_draining = True
        with suppress(Unavailable):
            await self._services.claims.leave(self._worker.id)
            await self._asking.hand_back(self._worker.id, self._endings)
        idle = asyncio.create_task(become_idle(self._hands, self._running))
        await asyncio.wait([idle], timeout=seconds)
        given_up = time.monotonic() + self._lease_seconds
        while not idle.done() and time.monotonic() < given_up:
            self._leases.halt_all(Stop.DRAINED)
            await asyncio.wait([idle], timeout=0.2)
        idle.cancel()
        for running in self._running:
            running.cancel()

    async def _run(self, attempt: Attempt, *, is_ahead: bool) -> None:
        job = attempt.job
        structlog.contextvars.bind_contextvars(job_id=str(job.id), job_kind=job.kind)
        try:
            failure = await self._work_on(attempt, is_ahead=is_ahead)
            await self._end(attempt, failure)
        except FenceLost:
            self._services.metrics.dropped("internal")
            log.info("job_given_to_another", job_id=str(job.id), kind=job.kind)
        except Exception:
            # What ends a job is itself broken: the lease runs out and the job is tried again elsewhere.
            log.exception("job_not_ended", job_id=str(job.id), kind=job.kind)
        finally:
            self._leases.end(attempt)
            self._ring()

    async def _work_on(self, attempt: Attempt, *, is_ahead: bool) -> Failure | None:
        """Do the work; the hand is free as soon as it is done. What ends the job goes on while the lease is kept."""
        has_hand, attempt.is_at_work = not is_ahead, True
        try:
            has_hand = has_hand or await self._hands.take_soon()
            if not has_hand:
                attempt.is_stopped = True
                return None
            attempt.context.begin()
            return await failure_of(call_task(self._registry, attempt), attempt.job)
        except asyncio.CancelledError:
            if attempt.stop is None or attempt.task is None:
                raise
            while attempt.task.uncancel():
                pass
            attempt.is_stopped = True
            return None
        finally:
            attempt.is_at_work = False
            if has_hand:
                self._hands.note(attempt.context.worked_seconds)
                self._hands.free()
            self._ring()

    async def _end(self, attempt: Attempt, failure: Failure | None) -> None:
        if attempt.is_stopped:
            await self._end_stopped(attempt)
        elif failure is not None:
            await self._report(partial(self._endings.fail, attempt.job, failure))
        elif not attempt.context.is_finished:
            worked_seconds = attempt.context.worked_seconds
            await self._report(partial(self._finishing.finish, attempt.job, worked_seconds=worked_seconds))
            self._services.metrics.succeeded(attempt.job, worked_seconds=worked_seconds)

    async def _end_stopped(self, attempt: Attempt) -> None:
        job = attempt.job
        if attempt.stop is Stop.LOST:
            self._services.metrics.leases_lost.inc()
        if attempt.context.is_finished or attempt.stop is Stop.LOST:
            return
        if attempt.stop is Stop.TIMED_OUT:
            late = Failure(FailureCode.UNAVAILABLE, f"The attempt took longer than {job.deadline_seconds:g} s.")
            await self._report(partial(self._endings.fail, job, late))
        else:
            await self._report(partial(self._endings.release, job))

    async def _report(self, report: Callable[[], Awaitable[object]]) -> None:
        """Repeat the report until it is committed; each is idempotent, and a lost lease ends this too."""
        failures = 0
        while True:
            try:
                await report()
            except Unavailable:
                failures += 1
                pause = min(REPORT_PAUSE_SECONDS_MAX, 0.1 * 2.0**failures)
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reports
            else:
                return

    def _ring(self) -> None:
        """Have this process ask again; what others may take is rung by what was committed."""
        self._services.wakeups.ring(queue_key(self._worker.queue))
