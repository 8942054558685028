"""The whole lab on one machine: the embedded servers and the lab's own processes, watched and kept running.

A process that dies is started again, with a growing pause; what it was doing is finished by its successor, because the
database knows what is done.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bootstrap.embedded import EmbeddedStack, free_port, http_answers, inherited_environment, port_answers
from bootstrap.given import given_settings, unused
from bootstrap.processes import ManagedProcess, wait_until
from bootstrap.running import announced
from bootstrap.settings import load_settings
from bootstrap.sharing import FileLock, folder_in_use

RESTART_PAUSES_SECONDS = (0.2, 1.0, 3.0, 10.0)
STEADY_SECONDS = 30.0

Line = Callable[[str, str], None]
# What tells the API and the jobs that there is a worker for the engine.
OFFERS_DIFFUSION = {"LAB_ENGINES__DIFFUSION": "true"}


class Startable(Protocol):
    """What is started and may end by itself: a child of ours, or the database, which is nobody's."""

    name: str

    @property
    def pid(self) -> int | None: ...

    @property
    def is_running(self) -> bool: ...

    @property
    def exit_code(self) -> int | None: ...

    def start(self, environment: Mapping[str, str] | None = None, /) -> None: ...

    def stop(self) -> None: ...


class WatchedProcess:
    """A process that is started again when it ends by itself."""

    def __init__(self, process: Startable, environment: Mapping[str, str] | None) -> None:
        self.process = process
        self._environment = environment
        self._failures = 0
        self._started_at = 0.0

    def start(self) -> None:
        self._started_at = time.monotonic()
        self.process.start(self._environment)

    def revive(self, on_line: Line) -> None:
        """Start it again if it has ended; pause longer the more often it ended soon after its start."""
        if self.process.is_running:
            return
        if time.monotonic() - self._started_at > STEADY_SECONDS:
            self._failures = 0
        pause = RESTART_PAUSES_SECONDS[min(self._failures, len(RESTART_PAUSES_SECONDS) - 1)]
        self._failures += 1
        code = self.process.exit_code
        ended = "ended" if code is None else f"ended with code {code}"
        on_line(self.process.name, f"{ended}; starting again in {pause:g} s")
        time.sleep(pause)
        try:
            self.start()
        except (OSError, subprocess.SubprocessError) as refused:
            on_line(self.process.name, f"could not be started: {refused}")


class Lab:
    """Servers and processes of one folder; use it as a context manager.

    `given` are the operator's settings; those that the stack sets itself are told of and left aside. With `diffusion`,
    settings of models, there is a worker of that engine, too, and the engine is offered. `lock` is the folder's, held
    by this process.
    """

    def __init__(
        self,
        folder: Path,
        *,
        api_port: int,
        on_line: Line,
        lock: FileLock,
        given: Mapping[str, str],
        diffusion: Mapping[str, str] | None = None,
    ) -> None:
        self.stack = EmbeddedStack(folder, api_port=api_port or free_port(), lock=lock)
        self._given = given
        self._diffusion = diffusion
        self._on_line = on_line
        self._stopping = threading.Event()
        self._watched: list[WatchedProcess] = []
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)

    @property
    def api_url(self) -> str:
        return self.stack.api_url

    def __enter__(self) -> "Lab":
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def _start(self) -> None:
        for server in (self.stack.redis, self.stack.storage):
            server.on_line = without_advice(self._on_line)
        self.stack.start()
        self._watched = [WatchedProcess(server, None) for server in self.servers]
        self.check_settings()
        self._start_process("api", "api", self.environment())
        self._start_process("jobs", "jobs", self.environment())
        self._start_process("worker", "gpu_worker", self.stack.worker_environment())
        if self._diffusion is not None:
            self._start_process("gpu", "gpu_worker", self.stack.gpu_worker_environment() | dict(self._diffusion))
        self._watcher.start()
        wait_until(lambda: http_answers(f"{self.api_url}/readyz"), "The API")

    def announce(self) -> AbstractContextManager[None]:
        """Tell other commands of this machine where the lab answers, while the block runs."""
        return announced(self.stack.folder, api_url=self.api_url, environment=self.environment())

    @property
    def servers(self) -> Sequence[Startable]:
        return self.stack.postgres, self.stack.redis, self.stack.storage

    def environment(self) -> Mapping[str, str]:
        offer = {} if self._diffusion is None else OFFERS_DIFFUSION
        return {**self._given, **self.stack.environment(), **offer}

    def check_settings(self) -> None:
        """Raise SettingsInvalid for what the processes would refuse; say what of the operator's is not used."""
        settings = self.environment()
        load_settings(settings)
        if names := unused(self._given, settings):
            self._on_line("lab", f"set by the lab itself, whatever the environment says: {', '.join(names)}")

    def _start_process(self, name: str, module: str, settings: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", module]
        process = ManagedProcess(name, command, folder=self.stack.folder, is_ready=lambda: True)
        process.on_line = self._on_line
        watched = WatchedProcess(process, inherited_environment() | dict(settings))
        watched.start()
        self._watched.append(watched)

    def _watch(self) -> None:
        while not self._stopping.wait(0.2):
            for watched in self._watched:
                if not self._stopping.is_set():
                    watched.revive(self._on_line)

    def stop(self) -> None:
        """Stop the processes, each before those that it reports to, newest first; then the servers that they use."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        processes = [watched.process for watched in self._watched if watched.process not in self.servers]
        stop_in_order(list(reversed(processes)))
        self.stack.stop()


def without_advice(on_line: Line) -> Line:
    """Leave out what Valkey advises about the machine's memory: what it keeps here are hints, and may be lost."""

    def told(name: str, line: str) -> None:
        if "overcommit" not in line:
            on_line(name, line)

    return told


def stop_in_order(processes: Sequence[Startable]) -> None:
    """Stop one after another: a worker that hands its job back needs the jobs process to take it."""
    for process in processes:
        process.stop()


def run_in_foreground(folder: Path, *, api_port: int) -> int:
    """Run the lab until Ctrl-C or SIGTERM; answer the exit code."""
    with folder_in_use(folder) as use:
        if use.running is not None:
            print(f"The lab runs on this folder already: {use.running.api_url}/graphql (process {use.running.pid}).")
            return 1
        if api_port and port_answers(api_port):
            print(f"Port {api_port} is in use; choose another with --port or LAB_API__PORT.")
            return 1
        run_until_asked(folder, use.lock, api_port=api_port)
    return 0


def run_until_asked(folder: Path, lock: FileLock, *, api_port: int) -> None:
    """Run the lab, its log merged, until a signal asks it to stop."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    print_line = line_printer()
    print_line("lab", "starting; the first start takes a few seconds longer")
    lab = Lab(folder, api_port=api_port, on_line=print_line, lock=lock, given=given_settings(os.environ))
    with lab, lab.announce():
        print_line("lab", f"GraphQL and its explorer: {lab.api_url}/graphql   (Ctrl-C stops everything)")
        stop.wait()
        print_line("lab", "stopping")
    print_line("lab", "stopped; the data stays in " + str(folder))


def line_printer() -> Line:
    """Make a printer of merged log lines: who says it, then what, each process in a colour of its own on a terminal."""
    colours = {"lab": "1;37", "api": "36", "jobs": "33", "worker": "35", "gpu": "31", "valkey": "32", "storage": "34"}
    is_terminal = sys.stdout.isatty()
    lock = threading.Lock()

    def print_line(name: str, line: str) -> None:
        label = f"{name:>8} |"
        if is_terminal:
            label = f"\x1b[{colours.get(name, '37')}m{label}\x1b[0m"
        with lock:
            sys.stdout.write(f"{label} {line}\n")
            sys.stdout.flush()

    return print_line
