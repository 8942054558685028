"""One process under attack: started, killed, paused and asked to stop from outside, its output kept in a file."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from chaos.nursery import Nursery

WORDS_LINES = 80
READY_SECONDS = 60.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.03


async def until(is_true: Callable[[], bool], what: str, *, seconds: float = READY_SECONDS) -> None:
    """Poll until it is true; raises TimeoutError naming what did not come."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not is_true():
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:g} s.")
        await asyncio.sleep(POLL_SECONDS)


def size_of(log: Path) -> int:
    """How many bytes a process has logged; 0 before its start."""
    return log.stat().st_size if log.exists() else 0


def words_of(log: Path, *, since: int = 0) -> Sequence[str]:
    """The lines of a log after so many bytes; it goes with the folder of the run."""
    return log.read_bytes()[since:].decode(errors="replace").splitlines() if log.exists() else ()


class RigProcess:
    """Start it, `await ready()`, then do to it what happens to processes; `environment` may be changed before a start.

    `command` is what stands after `python -m`.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        nursery: Nursery,
        answers: Callable[[], bool],
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.log = log
        self.starts = 0
        self.own_ends: list[int] = []
        self._is_end_known = True
        self._answers = answers
        self._nursery = nursery
        self._pid: int | None = None

    @property
    def pid(self) -> int:
        """The process's id; raises RuntimeError before its start."""
        if self._pid is None:
            raise RuntimeError(f"{self.name} has not been started.")
        return self._pid

    @property
    def is_running(self) -> bool:
        return self._pid is not None and self.exit_code is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number where one ended it."""
        return None if self._pid is None else self._nursery.exit_code(self._pid)

    @property
    def last_words(self) -> str:
        """The end of its log, to be read by whoever wonders why it ended."""
        return "its last words:\n" + "\n".join(words_of(self.log)[-WORDS_LINES:])

    def child_pids(self) -> list[int]:
        """The children that live now; none of a process that is gone."""
        try:
            return [child.pid for child in psutil.Process(self.pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def note_own_end(self) -> None:
        """Keep with which code it has ended where nobody here ended it; once."""
        if not self._is_end_known and (code := self.exit_code) is not None:
            self.own_ends.append(code)
            self._is_end_known = True

    def start(self) -> None:
        self.note_own_end()
        self._is_end_known = False
        self._pid = self._nursery.spawn(self.command, environment=self.environment, log=self.log)
        self.starts += 1

    async def ready(self, *, seconds: float = READY_SECONDS) -> None:
        """Wait until it answers; raises TimeoutError, and RuntimeError when it has ended instead."""

        def answers_or_ended() -> bool:
            return not self.is_running or self._answers()

        deadline = asyncio.get_running_loop().time() + seconds
        while not await asyncio.to_thread(answers_or_ended):
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"{self.name} did not answer within {seconds:g} s; see {self.log}")
            await asyncio.sleep(POLL_SECONDS)
        if not self.is_running:
            raise RuntimeError(f"{self.name} ended with {self.exit_code}; {self.last_words}")

    def send(self, number: signal.Signals) -> None:
        if self.is_running:
            os.kill(self.pid, number)

    def stop(self) -> None:
        """Pause it, as a machine that hangs would."""
        self.send(signal.SIGSTOP)

    def cont(self) -> None:
        self.send(signal.SIGCONT)

    def kill9(self) -> list[int]:
        """Kill it at once; answer the children that it had."""
        self.note_own_end()
        self._is_end_known = True
        children = self.child_pids()
        if self.is_running:
            self.send(signal.SIGKILL)
            self._nursery.wait(self.pid, seconds=STOP_SECONDS)
        return children

    async def term(self, *, seconds: float = STOP_SECONDS) -> int | None:
        """Ask it to stop and wait for the end; killed when it takes too long; answer its exit code."""
        self.note_own_end()
        self._is_end_known = True
        self.cont()
        self.send(signal.SIGTERM)
        try:
            await until(lambda: not self.is_running, self.name, seconds=seconds)
        except TimeoutError:
            self.kill9()
        return self.exit_code

    def restart(self) -> None:
        """Kill it and start it again; `await ready()` for it to answer."""
        self.kill9()
        self.start()
