"""The parent process: hears hints, asks for work, has the child do it, stops gracefully; it never imports an engine."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TypeVar

import structlog

from contracts import protocol
from contracts.commands import COMMAND_VERSION
from failpoints import Point, reach
from gpu_worker.attempt import Attempt, Equipment, Outcome, Stop
from gpu_worker.batch import Batch
from gpu_worker.cache import InputCache
from gpu_worker.claiming import all_of, batch_size, new_claim_ids
from gpu_worker.client import Away, ControlClient, Refused, Stale, pause_seconds
from gpu_worker.health import Health
from gpu_worker.hints import hear_hints_for_ever
from gpu_worker.leaks import LeakWatch
from gpu_worker.settings import WorkerSettings
from gpu_worker.warmth import Warmth
from gpu_worker.workplace import Workplace
from gpu_worker.workshop import SetupRefused, Workshop

SOFTWARE_VERSION = "0.1.0"
ANSWER_SECONDS = 10.0
DAY_SECONDS = 86_400.0
Ended = TypeVar("Ended")

log = structlog.get_logger()


class Supervisor:
    """One job at a time, or several that the child makes in one batch.

    A hint only interrupts the asking; what may be claimed, and what with it, is the server's to say.
    """

    def __init__(self, settings: WorkerSettings, *, on_health: Callable[[Health], None] = lambda _health: None) -> None:
        self._settings = settings
        self._client = ControlClient(settings.control_url, settings.token.get_secret_value())
        self._cache = InputCache(
            settings.cache_folder,
            bytes_max=settings.cache_bytes_max,
            seconds_max=settings.cache_days * DAY_SECONDS,
        )
        self._workshop = Workshop(
            settings.engines,
            setup_seconds=settings.setup_seconds,
            stall_seconds=settings.stall_seconds,
            stop_seconds=settings.stop_seconds,
            leaks=LeakWatch(
                growth_bytes_max=settings.child_growth_bytes_max,
                resident_bytes_max=settings.child_resident_bytes_max,
            ),
        )
        self._workplace = Workplace(settings.work_folder)
        self._equipment = Equipment(self._client, self._cache)
        # Kept until a claim is answered with a job: a claim whose answer was lost is found again by them.
        self._claim_ids = new_claim_ids()
        self._hint: tuple[str, int] | None = None
        self._interrupted = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_draining = False
        # While everything starts, the control application is away for a moment: told once, not at every try.
        self._has_been_answered = self._is_away = False
        self._warmth = Warmth(self._workshop)
        self._attempts: Sequence[Attempt] = ()
        self._on_health = on_health
        self._health = Health.STARTING
        self.outcomes = dict.fromkeys(Outcome, 0)

    @property
    def health(self) -> Health:
        return self._health

    @property
    def workshop(self) -> Workshop:
        return self._workshop

    def _become(self, health: Health) -> None:
        self._health = health
        self._on_health(health)

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping`, then finish or hand back what is under way."""
        with self._workplace:
            hearing = asyncio.create_task(self._hear_hints())
            draining = asyncio.create_task(self._drain_when(stopping))
            try:
                while not self._is_draining:
                    if await self._is_set_up():
                        await self._take_next()
            finally:
                # Cancelled until they have ended: redis-py swallows a cancellation that comes while it connects.
                while waiting := {task for task in (hearing, draining) if not task.done()}:
                    for task in waiting:
                        task.cancel()
                    await asyncio.wait(waiting, timeout=0.1)
                await self._workshop.close()
                await self._client.close()

    async def _drain_when(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        log.info("worker_draining")
        self._is_draining = True
        self._interrupted.set()
        await asyncio.sleep(self._settings.drain_seconds)
        for attempt in self._attempts:
            attempt.halt(Stop.DRAINED)

    async def _is_set_up(self) -> bool:
        failures = 0
        while not self._is_draining:
            try:
                if self._workshop.pid is None and self._health in {Health.READY, Health.BUSY}:
                    self._become(Health.STARTING)
                opening = asyncio.create_task(self._workshop.open())
                # To fetch weights takes as long as it takes; a worker that is to stop does not wait for it.
                while not opening.done() and not self._is_draining:
                    await end_or_interruption(opening, self._interrupted)
                if not await finished_or_cancelled(opening):
                    return False
            except (SetupRefused, OSError) as refused:
                failures += 1
                self._become(Health.DEFUNCT if failures >= self._settings.setup_failures_max else Health.SETUP_FAILED)
                log.warning("setup_failed", reason=str(refused), failures=failures)
                await self._pause(5.0 * pause_seconds(failures))
            else:
                self._become(Health.READY)
                return True
        return False

    async def _take_next(self) -> None:
        asked_at = time.monotonic()
        claimed = await self._claim()
        if not claimed:
            self._cache.make_room()
            if self._is_draining:
                await self._hand_back_unseen()
            return
        self._become(Health.BUSY)
        self._claim_ids = new_claim_ids()
        for each in claimed:
            log.info("job_claimed", job_id=each.job_id, command=each.command.kind, epoch=each.fence.epoch)
        try:
            await self._work_on(claimed, asked_at)
        except OSError as broken:
            # No folder could be made: nothing was begun.
            log.warning("no_room_to_work", reason=str(broken))
            await hand_back(self._client, claimed)
            await self._pause(5.0 * pause_seconds(1))
        await self._workshop.recycle_if_leaking()
        self._become(Health.READY if self._workshop.pid is not None else Health.STARTING)

    async def _work_on(self, claimed: Sequence[protocol.Claimed], asked_at: float) -> None:
        batch = Batch(self._workshop, size=len(claimed))
        # Removed when the child has halted or ended: one that still works would make a folder again.
        with ExitStack() as folders:
            self._attempts = [
                Attempt(
                    each,
                    self._equipment,
                    seat=seat,
                    outputs=Path(folders.enter_context(self._workplace.folder())),
                    claimed_at=asked_at,
                )
                for each, seat in zip(claimed, batch.seats, strict=True)
            ]
            async with asyncio.TaskGroup() as group:
                for attempt in self._attempts:
                    performing = attempt.perform(
                        beat_seconds=self._settings.beat_seconds,
                        drain_seconds=self._settings.drain_seconds,
                        halt_seconds=self._settings.halt_seconds,
                    )
                    group.create_task(performing)
        for each, attempt in zip(claimed, self._attempts, strict=True):
            self.outcomes[attempt.outcome] += 1
            if attempt.outcome is Outcome.SUCCEEDED:
                self._warmth.add(each.affinity, engine=each.command.engine)
        self._attempts = ()
        self._cache.let_go()

    async def _claim(self) -> Sequence[protocol.Claimed]:
        """Ask for the hinted job, or wait a while for any; what can be made in one batch with it comes along.

        A hint does not end the waiting: the answer may hold a job already, and the server knows of the hinted one.
        """
        hint, self._hint = self._hint, None
        self._interrupted.clear()
        request = self._request().model_copy(
            update={"job_id": hint[0], "delivery": hint[1]} if hint else {"wait_seconds": self._settings.ask_seconds}
        )
        seconds = self._settings.ask_seconds + ANSWER_SECONDS
        asking = asyncio.create_task(
            self._client.call(protocol.CLAIM_PATH, request, protocol.ClaimAnswer, seconds=seconds)
        )
        self._is_idle.set()
        try:
            while not asking.done() and not self._is_draining:
                await end_or_interruption(asking, self._interrupted)
            answer = await asking if asking.done() else None
        except (Away, Refused, Stale) as away:
            if isinstance(away, Stale):
                self._claim_ids = new_claim_ids()
            if self._has_been_answered or not self._is_away:
                log.info("control_away", reason=str(away))
            self._is_away = True
            await self._pause(random.uniform(0.3, 1.5))  # noqa: S311 - spreads reconnects
            return ()
        else:
            self._is_away = self._is_away and answer is None
            self._has_been_answered = self._has_been_answered or answer is not None
            return all_of(answer) if answer else ()
        finally:
            self._is_idle.clear()
            asking.cancel()

    async def _hand_back_unseen(self) -> None:
        """Give back what a claim cut short by the stop may have taken: the same claim ids find it again."""
        with suppress(Away, Refused, Stale):
            answer = await self._client.call(protocol.CLAIM_PATH, self._request(), protocol.ClaimAnswer)
            await hand_back(self._client, all_of(answer))

    def _request(self) -> protocol.ClaimRequest:
        info = protocol.WorkerInfo(
            worker_id=self._settings.id,
            queue=self._settings.queue,
            engines=sorted(self._workshop.engines),
            software_version=SOFTWARE_VERSION,
            command_version=COMMAND_VERSION,
            warm=self._warmth.keys(),
            models=self._workshop.served_models[: protocol.SERVED_MODELS_MAX] or None,
        )
        first, *more = self._claim_ids[: batch_size(self._workshop.batches, self._settings.batch)]
        return protocol.ClaimRequest(worker=info, claim_id=first, more_claim_ids=more or None)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._interrupted.wait()

    async def _take_hint(self, _context: dict[object, object], job_id: str, delivery: int) -> None:
        await self._is_idle.wait()
        await reach(Point.HINT_HEARD, job_id)
        self._hint = (str(job_id), int(delivery))
        self._interrupted.set()
        await reach(Point.HINT_TAKEN, job_id)

    async def _hear_hints(self) -> None:
        """Hear hints where Redis is known; without it the asking alone brings work, a little later."""
        if (url := self._settings.redis_url) is not None:
            await hear_hints_for_ever(url.get_secret_value(), self._settings.queue, self._take_hint)


async def end_or_interruption(task: asyncio.Task[Ended], interrupted: asyncio.Event) -> None:
    """Wait for either, and take note of the interruption."""
    interruption = asyncio.create_task(interrupted.wait())
    await asyncio.wait({task, interruption}, return_when=asyncio.FIRST_COMPLETED)
    interruption.cancel()
    interrupted.clear()


async def finished_or_cancelled(task: "asyncio.Task[None]") -> bool:
    """Answer whether it has finished; raises what it raised. One that has not is cancelled."""
    if task.done():
        await task
        return True
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return False


async def hand_back(client: ControlClient, claimed: Sequence[protocol.Claimed]) -> None:
    """Release what was claimed and not begun; what cannot be released is lost with its lease."""
    for each in claimed:
        path = protocol.RELEASE_PATH.format(job_id=each.job_id)
        with suppress(Away, Refused, Stale):
            await client.call(path, protocol.ReleaseRequest(fence=each.fence), protocol.Acknowledged)
