"""One job from its claim to its report: inputs, the engine, outputs; the lease is kept beside it all the while."""

import asyncio
import hashlib
import mimetypes
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import Enum, StrEnum, auto
from pathlib import Path

import structlog

from contracts import protocol
from contracts.commands import Message
from failpoints import Point, reach
from gpu_worker.batch import Seat
from gpu_worker.cache import InputCache
from gpu_worker.checkpoints import Checkpoints
from gpu_worker.client import Away, ControlClient, Refused, Stale, pause_seconds
from gpu_worker.messages import Done, Failed, Halted, Moved, Run, Saved
from gpu_worker.workshop import ChildEnded, SetupRefused

PUT_TRIES_MAX = 6
REPORTS = frozenset({protocol.FINISH_PATH, protocol.FAIL_PATH})

log = structlog.get_logger()


class Stop(Enum):
    """Why a job is stopped before its end."""

    CANCELLED = auto()
    LOST = auto()
    TIMED_OUT = auto()
    DRAINED = auto()


class Outcome(StrEnum):
    """What came of an attempt, as far as the worker knows."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CRASHED = "crashed"
    RELEASED = "released"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a worker does its jobs with."""

    client: ControlClient
    cache: InputCache


class Attempt:
    """Works on one claimed job, which has a seat in a batch; the folder of `outputs` is there until the batch ends.

    `claimed_at` is our monotonic clock from before the claim was sent.
    """

    def __init__(
        self, claimed: protocol.Claimed, equipment: Equipment, *, seat: Seat, outputs: Path, claimed_at: float
    ) -> None:
        self._claimed = claimed
        self._seat = seat
        self._outputs = outputs
        self._client = equipment.client
        self._cache = equipment.cache
        self._deadline = claimed_at + claimed.deadline_seconds
        self._held_until = claimed_at + claimed.lease_seconds
        self._progress = 0.0
        self._preview: str | None = None
        self._is_reporting = False
        self._halt_seconds = 0.0
        self._checkpoints = Checkpoints(self._keep_checkpoint)
        self.has_stopped: asyncio.Future[Stop] = asyncio.get_running_loop().create_future()
        self._drains_at: float | None = None
        self.outcome = Outcome.LOST

    async def perform(self, *, beat_seconds: float, drain_seconds: float, halt_seconds: float) -> None:
        """Do the job and report it, or stop where that is wanted; never raises for the job's own sake.

        A worker that is asked to drain gives the job `drain_seconds` to end, then hands it back; it is given no other
        until an operator lets it work again. A command that has not ended `halt_seconds` after it was asked to is ended
        with its process.
        """
        self._halt_seconds = halt_seconds
        work = asyncio.create_task(self._work())
        keeper = asyncio.create_task(self._keep_lease(beat_seconds, drain_seconds))
        try:
            await asyncio.wait({work, self.has_stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await self._stop(work, self.has_stopped.result())
            else:
                work.result()
        except Stale:
            log.info("job_given_to_another", job_id=self._claimed.job_id)
        except Refused as refused:
            # The report itself is not wanted: the lease runs out, and the job is taken back.
            log.warning("report_refused", job_id=self._claimed.job_id, reason=str(refused))
        finally:
            keeper.cancel()
            work.cancel()
            self._checkpoints.drop()

    def halt(self, reason: Stop) -> None:
        if not self.has_stopped.done():
            self.has_stopped.set_result(reason)

    async def _stop(self, work: "asyncio.Task[None]", reason: Stop) -> None:
        log.info("job_stopped", job_id=self._claimed.job_id, reason=reason.name)
        await self._seat.leave(halt_seconds=self._halt_seconds)
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        if reason is Stop.TIMED_OUT:
            seconds = self._claimed.deadline_seconds
            await self._fail("UNAVAILABLE", f"The attempt took longer than {seconds:g} s.")
        elif reason is not Stop.LOST:
            await self._insist(protocol.RELEASE_PATH, protocol.ReleaseRequest(fence=self._claimed.fence))
            self.outcome = Outcome.RELEASED

    async def _work(self) -> None:
        try:
            await self._make()
        except ChildEnded as ended:
            await self._fail("CRASHED", str(ended))
        except (Away, SetupRefused, OSError) as away:
            # An OSError is this machine's: its disk is full, or gone.
            await self._fail("UNAVAILABLE", str(away))
        except Refused as refused:
            await self._fail("INTERNAL", str(refused))

    async def _make(self) -> None:
        started = time.monotonic()
        asked = await self._prepare()
        await reach(Point.STEP_BEFORE, self._claimed.job_id)
        said = await self._seat.run(asked, self._hear)
        log_command(self._claimed, said)
        if isinstance(said, Halted) or self.has_stopped.done():
            return
        if not isinstance(said, Done):
            await self._fail(said.code, said.message)
            return
        await reach(Point.STEP_MADE, self._claimed.job_id)
        await self._checkpoints.settle()
        reports = [await self._upload(path) for path in await asyncio.to_thread(files_in, self._outputs)]
        await reach(Point.STEP_UPLOADED, self._claimed.job_id)
        request = protocol.FinishRequest(
            fence=self._claimed.fence,
            result=said.result,
            outputs=reports,
            worked_seconds=time.monotonic() - started - self._seat.spared_seconds,
        )
        await self._insist(protocol.FINISH_PATH, request)
        self.outcome = Outcome.SUCCEEDED

    async def _prepare(self) -> Run:
        """Fetch the inputs; a job that has none of them holds nobody up."""
        try:
            inputs = await self._cache.fetch_all(self._client, self._claimed.inputs)
        except (Away, Refused, OSError):
            self._seat.give_up()
            raise
        return Run(
            command=self._claimed.command,
            inputs={name: str(path) for name, path in inputs.items()},
            outputs=str(self._outputs),
        )

    def _hear(self, said: Moved | Saved) -> None:
        if isinstance(said, Saved):
            self._checkpoints.add(Path(said.path))
            return
        self._progress = max(self._progress, said.fraction)
        self._preview = said.preview or self._preview

    async def _keep_checkpoint(self, path: Path) -> None:
        """Have another attempt go on from here; without it the next one starts from an earlier checkpoint."""
        try:
            request = protocol.CheckpointRequest(fence=self._claimed.fence, output=await self._upload(path))
            await self._insist(protocol.CHECKPOINT_PATH, request)
        except Stale:
            self.halt(Stop.LOST)
        except (Away, Refused) as away:
            log.warning("checkpoint_lost", job_id=self._claimed.job_id, reason=str(away))

    async def _upload(self, path: Path) -> protocol.OutputReport:
        content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        sha256, size_bytes = await asyncio.to_thread(measure, path)
        request = protocol.OutputRequest(
            fence=self._claimed.fence,
            name=path.name,
            sha256=sha256,
            size_bytes=size_bytes,
            content_type=content_type,
        )
        answer = await self._client.insist(self._path(protocol.OUTPUT_PATH), request, protocol.OutputAnswer)
        for failures in range(1, PUT_TRIES_MAX + 1):
            try:
                await self._client.put(path, answer)
                break
            except Away:
                if failures == PUT_TRIES_MAX:
                    raise
                await asyncio.sleep(pause_seconds(failures))
        return protocol.OutputReport(
            name=path.name, key=answer.key, sha256=sha256, size_bytes=size_bytes, content_type=content_type
        )

    async def _fail(self, code: protocol.FailureCode, message: str) -> None:
        log.warning("job_failed", job_id=self._claimed.job_id, code=code, reason=message)
        request = protocol.FailRequest(fence=self._claimed.fence, code=code, message=message)
        await self._insist(protocol.FAIL_PATH, request)
        self.outcome = Outcome.CRASHED if code == "CRASHED" else Outcome.FAILED

    async def _insist(self, path: str, message: Message) -> None:
        """Tell until it is heard; raises Stale where the job is another's.

        Between the commit of a report of the end and its answer the lease is over: what a beat is told then says
        nothing.
        """
        self._is_reporting = path in REPORTS
        await self._client.insist(self._path(path), message, protocol.Acknowledged)

    def _path(self, path: str) -> str:
        return path.format(job_id=self._claimed.job_id)

    async def _keep_lease(self, beat_seconds: float, drain_seconds: float) -> None:
        """Beat until told to stop; our own clock counts from before each request, so it ends before the server's."""
        while True:
            await asyncio.sleep(min(beat_seconds, self._claimed.lease_seconds / 4))
            sent = time.monotonic()
            if sent >= self._deadline:
                self.halt(Stop.TIMED_OUT)
            try:
                preview, self._preview = self._preview, None
                request = protocol.HeartbeatRequest(fence=self._claimed.fence, progress=self._progress, preview=preview)
                path = self._path(protocol.HEARTBEAT_PATH)
                answer = await self._client.call(path, request, protocol.HeartbeatAnswer)
            except (Stale, Refused):
                if self._is_reporting:
                    continue
                self.halt(Stop.LOST)
                return
            except Away:
                if sent >= self._held_until:
                    self.halt(Stop.LOST)
                    return
                continue
            self._held_until = sent + answer.lease_seconds
            self._heed(is_asked_to_drain=answer.drain, drain_seconds=drain_seconds)
            if answer.cancel:
                self.halt(Stop.CANCELLED)
                return

    def _heed(self, *, is_asked_to_drain: bool, drain_seconds: float) -> None:
        if not is_asked_to_drain:
            self._drains_at = None
        elif self._drains_at is None:
            self._drains_at = time.monotonic() + drain_seconds
        if self._drains_at is not None and time.monotonic() >= self._drains_at:
            self.halt(Stop.DRAINED)


def log_command(claimed: protocol.Claimed, said: Done | Failed | Halted) -> None:
    """What a command took and what its process holds after it; only what there is."""
    report = said.report
    told = asdict(report.usage) | report.memory.model_dump(exclude={"loaded_models"})
    log.info(
        "command_ended",
        job_id=claimed.job_id,
        command=claimed.command.kind,
        engine=claimed.command.engine,
        outcome=said.kind,
        **{name: round(value, 3) for name, value in told.items() if value},
    )


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def measure(path: Path) -> tuple[str, int]:
    """Answer the file's SHA-256 and how many bytes it has."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
