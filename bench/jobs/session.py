"""One engine in one round: its sender, its workers, and what its handlers noted."""

import json
import os
import selectors
import signal
import subprocess
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from bench.jobs.engines import PROGRAM, Row
from bench.jobs.notes import Notes
from bench.jobs.peers.driver import Plan
from bench.jobs.stores import Store

READY_SECONDS, ACCEPTED_SECONDS, ENDED_SECONDS = 60.0, 120.0, 60.0


@dataclass(frozen=True, slots=True)
class Size:
    """For trying out on a busy machine: counts are shrunk by `scale`, limits of time stretched by `patience`."""

    scale: float = 1.0
    patience: float = 1.0


class NotMeasured(Exception):
    """The engine did not do in time what it was sent, so that the workload has no figure."""


class Session:
    """Sends plans and runs workers; ends everything that it started."""

    def __init__(self, row: Row, store: Store, folder: Path, size: Size) -> None:
        self.row = row
        self.store = store
        self.size = size
        self._folder = folder
        self._offsets: dict[Path, int] = defaultdict(int)
        self._environment = {**os.environ, **PROGRAM, **store.environment, "BENCH_RECORD": str(folder / "record")}
        self._log = (folder / "log").open("ab")
        self.workers: list[subprocess.Popen[bytes]] = []
        self.notes = Notes()
        self._numbers = 0
        self._sender: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Session":
        self._sender = subprocess.Popen(
            [*self.row.command, "send"],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            bufsize=0,
        )
        try:
            self._expect("ready", seconds=READY_SECONDS)
        except NotMeasured:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop_workers()
        if self._sender is not None:
            pipe(self._sender.stdin).close()
            end(self._sender)
            pipe(self._sender.stdout).close()
        self._log.close()

    def _expect(self, word: str, *, seconds: float) -> None:
        assert self._sender is not None
        said = pipe(self._sender.stdout)
        with selectors.DefaultSelector() as waiting:
            waiting.register(said, selectors.EVENT_READ)
            line = said.readline().decode().strip() if waiting.select(seconds * self.size.patience) else "nothing"
        if line != word:
            raise NotMeasured(f"the sender said {line!r} instead of {word!r} within {seconds:.0f} s")

    def plan(self, count: int, **how: float) -> Plan:
        """The next numbers; every plan of a session has its own."""
        first, self._numbers = self._numbers, self._numbers + count
        whole = {name: int(how[name]) for name in ("size_bytes", "tenant", "priority") if name in how}
        return Plan(first, count, how.get("sleep_ms", 0.0), rate=how.get("rate", 0.0), **whole)

    def scaled(self, count: int) -> int:
        return max(10, round(count * self.size.scale))

    def deadline(self, seconds: float) -> float:
        """So far from now on the monotonic clock, or farther where the machine is said to be busy."""
        return time.monotonic() + seconds * self.size.patience

    def send_soon(self, plan: Plan) -> None:
        assert self._sender is not None
        pipe(self._sender.stdin).write(json.dumps(asdict(plan)).encode() + b"\n")

    def send(self, plan: Plan) -> None:
        """Send the plan and wait until all of it is accepted."""
        self.send_soon(plan)
        self.sent()

    def sent(self) -> None:
        """Wait until what was sent soon is accepted."""
        self._expect("sent", seconds=ACCEPTED_SECONDS)

    def start_worker(self, *, concurrency: int = 10) -> None:
        # A group of its own: some engines' command lines start processes, which a kill has to reach too.
        environment = {**self._environment, "BENCH_CONCURRENCY": str(concurrency)}
        command = [*self.row.command, "work"]
        self.workers.append(
            subprocess.Popen(command, env=environment, stdout=self._log, stderr=self._log, start_new_session=True)
        )

    def stop_workers(self) -> None:
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            end(worker)
            kill(worker)
        self.workers.clear()

    def recorders(self) -> int:
        """How many processes have noted something."""
        return len(list(self._folder.glob("record.*")))

    def read(self) -> Notes:
        for path in self._folder.glob("record.*"):
            with path.open("rb") as file:
                file.seek(self._offsets[path])
                whole = file.read().rpartition(b"\n")[0]
                self._offsets[path] += len(whole) + 1 if whole else 0
            for line in whole.decode().splitlines():
                self.notes.add(line)
        return self.notes

    def settle(self, plan: Plan, *, seconds: float = ENDED_SECONDS) -> None:
        """Wait until every job of the plan has ended; raises NotMeasured when the time is over before."""
        deadline = self.deadline(seconds)
        while (done := self.read().done(plan)) < plan.count:
            if time.monotonic() > deadline:
                raise NotMeasured(f"{plan.count - done} of {plan.count} jobs did not end within {seconds:.0f} s")
            time.sleep(0.05)


def pipe(end: IO[bytes] | None) -> IO[bytes]:
    assert end is not None
    return end


def kill(worker: subprocess.Popen[bytes]) -> None:
    """SIGKILL a worker and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(8)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
