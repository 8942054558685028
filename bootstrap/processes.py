"""Processes that the lab starts: one log line format, one way to stop, and no twin left from an earlier run.

A pid file beside each process lets the next start find and end what a killed parent left behind.
"""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

STOP_SECONDS = 15.0
READY_SECONDS = 60.0
# The guard of a killed lab may have a database to shut down.
LEFTOVER_SECONDS = 45.0
GUARD = "guard"


def wait_until(is_true: Callable[[], bool], what: str, *, seconds: float = READY_SECONDS) -> None:
    """Poll until it is true; raises TimeoutError naming what did not come."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not answer within {seconds:.0f} s.")
        time.sleep(0.05)


def process_named_in(pid_file: Path) -> psutil.Process | None:
    """Answer the process; None where it has ended, its number is another's by now, or the file is torn."""
    try:
        pid, created = pid_file.read_text().split()
        process = psutil.Process(int(pid))
        is_same = abs(process.create_time() - float(created)) < 1.0
    except (FileNotFoundError, psutil.NoSuchProcess, ValueError):
        return None
    return process if is_same else None


def has_ended(process: psutil.Process) -> bool:
    """Tell whether it runs no more; one whose parent has not asked for its exit code yet counts as ended."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def end(processes: Sequence[psutil.Process], number: signal.Signals, *, seconds: float) -> None:
    """Ask the processes to end, and kill those that have not in that time."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
    with suppress(TimeoutError):
        wait_until(lambda: all(map(has_ended, processes)), "Their end", seconds=seconds)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


class ManagedProcess:
    """One child process with a pid file, its output handed line by line to `on_line`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        is_ready: Callable[[], bool],
        is_quiet: bool = False,
    ) -> None:
        self.name = name
        self.is_ready = is_ready
        self.on_line: Callable[[str, str], None] = lambda _name, _line: None
        self._is_quiet = is_quiet
        self._command = list(command)
        self._pid_file = folder / f"{name}.pid"
        self._process: subprocess.Popen[str] | None = None

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start it, after ending what an earlier run left under the same pid file."""
        self._end_leftover()
        self._process = subprocess.Popen(  # noqa: S603 - commands of ours, without a shell
            self._command,
            env=dict(environment) if environment is not None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._pid_file.write_text(f"{self._process.pid} {psutil.Process(self._process.pid).create_time()}")
        threading.Thread(target=self._pump, args=(self._process,), daemon=True).start()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._process.poll() if self._process else None

    def ask_to_stop(self) -> None:
        if self._process is not None and self.is_running:
            self._process.send_signal(signal.SIGTERM)

    def stop(self, *, seconds: float = STOP_SECONDS) -> None:
        """Ask it to stop, wait, and end it where it does not."""
        if self._process is None:
            return
        self.ask_to_stop()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._pid_file.unlink(missing_ok=True)
        self._process = None

    def _pump(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is None:
            return
        for line in process.stdout:
            if not self._is_quiet:
                self.on_line(self.name, line.rstrip("\n"))
        process.stdout.close()

    def _end_leftover(self) -> None:
        if leftover := process_named_in(self._pid_file):
            end([leftover], signal.SIGTERM, seconds=LEFTOVER_SECONDS)
        self._pid_file.unlink(missing_ok=True)
