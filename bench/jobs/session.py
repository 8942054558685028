"""One engine in one round: its sender, its workers, and what its handlers noted."""

import json
import os
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from bench.jobs.engines import PROGRAM, Row
from bench.jobs.peers.driver import Plan


class Stalled(Exception):
    """The engine did not do in time what it was sent."""


@dataclass(slots=True)
class Notes:
    """Nanoseconds by mark and job; a job that was started more than once has several."""

    times: dict[str, dict[int, list[int]]] = field(
        default_factory=lambda: defaultdict[str, dict[int, list[int]]](lambda: defaultdict(list))
    )

    def add(self, line: str) -> None:
        mark, number, at = line.split()
        self.times[mark][int(number)].append(int(at))

    def done(self, plan: Plan) -> int:
        return sum(number in self.times["e"] for number in range(plan.first, plan.first + plan.count))

    def doubled(self, plan: Plan) -> int:
        ended = (self.times["e"].get(number, []) for number in range(plan.first, plan.first + plan.count))
        return sum(len(each) > 1 for each in ended)

    def first(self, mark: str, plan: Plan) -> dict[int, int]:
        found = self.times[mark]
        return {n: found[n][0] for n in range(plan.first, plan.first + plan.count) if n in found}


class Session:
    """Sends plans and runs workers; ends everything that it started."""

    def __init__(self, row: Row, environment: Mapping[str, str], folder: Path) -> None:
        self._row = row
        self._folder = folder
        self._offsets: dict[Path, int] = defaultdict(int)
        self._environment = {
            **os.environ,
            **environment,
            **PROGRAM,
            "BENCH_RECORD": str(folder / "record"),
        }
        self._log = (folder / "log").open("ab")
        self.workers: list[subprocess.Popen[bytes]] = []
        self.notes = Notes()
        self._numbers = 0
        self._sender: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Session":
        command = [*self._row.command, "send"]
        self._sender = subprocess.Popen(
            command, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log
        )
        self._expect("ready")
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stdin().close()
        for worker in self.workers:
            end(worker)
            kill(worker)
        if self._sender is not None:
            end(self._sender)
        self._log.close()

    def _stdin(self) -> IO[bytes]:
        assert self._sender is not None
        assert self._sender.stdin is not None
        return self._sender.stdin

    def _expect(self, word: str) -> None:
        assert self._sender is not None
        assert self._sender.stdout is not None
        if (line := self._sender.stdout.readline().decode().strip()) != word:
            raise Stalled(f"{self._row.name}'s sender said {line!r}, see {self._folder}/log")

    def plan(self, count: int, **how: float) -> Plan:
        """The next numbers; every plan of a session has its own."""
        first, self._numbers = self._numbers, self._numbers + count
        sizes = {name: int(value) for name, value in how.items() if name in ("size_bytes", "tenant")}
        return Plan(first, count, how.get("sleep_ms", 0.0), rate=how.get("rate", 0.0), **sizes)

    def send_soon(self, plan: Plan) -> None:
        self._stdin().write(json.dumps(asdict(plan)).encode() + b"\n")
        self._stdin().flush()

    def send(self, plan: Plan) -> None:
        """Send the plan and wait until all of it is accepted."""
        self.send_soon(plan)
        self.sent()

    def sent(self) -> None:
        """Wait until what was sent soon is accepted."""
        self._expect("sent")

    def start_worker(self) -> None:
        command = [*self._row.command, "work"]
        # A group of its own: some engines' command lines start processes, which a kill has to reach too.
        self.workers.append(
            subprocess.Popen(command, env=self._environment, stdout=self._log, stderr=self._log, start_new_session=True)
        )

    def read(self) -> Notes:
        for path in self._folder.glob("record.*"):
            with path.open("rb") as file:
                file.seek(self._offsets[path])
                whole = file.read().rpartition(b"\n")[0]
                self._offsets[path] += len(whole) + 1 if whole else 0
            for line in whole.decode().splitlines():
                self.notes.add(line)
        return self.notes

    def wait(self, plan: Plan, *, seconds: float) -> bool:
        """Wait until every job of the plan has ended; False when the time is over before."""
        deadline = time.monotonic() + seconds
        while self.read().done(plan) < plan.count:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


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
