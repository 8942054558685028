"""What an embedded lab started ends with it, even when it is killed."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from bootstrap.embedded import EmbeddedStack, free_port
from bootstrap.guard import postmaster_of, processes_of
from bootstrap.processes import GUARD, ManagedProcess, end, has_ended, process_named_in, wait_until


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder outside pytest's, which PostgreSQL's own user may enter."""
    with TemporaryDirectory(prefix="lab-guard-") as folder:
        yield Path(folder)


def everything_of(folder: Path) -> list[psutil.Process]:
    found = [*processes_of(folder), postmaster_of(folder), process_named_in(folder / f"{GUARD}.pid")]
    return [process for process in found if process is not None]


def test_all_servers_of_a_killed_lab_are_gone_within_seconds(folder: Path) -> None:
    command = [sys.executable, "-m", "bootstrap.cli", "up", "--folder", str(folder), "--port", str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as lab:  # noqa: S603 - a command of ours
        try:
            wait_until((folder / "worker.pid").exists, "The last process of the lab")
            started = everything_of(folder)
        finally:
            lab.kill()
    assert len(started) == len(["valkey", "storage", "postgres", "api", "jobs", "worker", "guard"])
    wait_until(lambda: all(map(has_ended, started)), "The end of the lab", seconds=30)


def test_a_lab_that_stops_in_order_leaves_no_guard(folder: Path) -> None:
    with EmbeddedStack(folder):
        started = everything_of(folder)
    assert len(started) == len(["valkey", "storage", "postgres", "guard"])
    assert all(map(has_ended, started))
    assert list(folder.glob("*.pid")) == []


STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"


def test_what_ignores_its_end_is_killed(tmp_path: Path) -> None:
    command, is_up = [sys.executable, "-c", STUBBORN], threading.Event()
    stubborn = ManagedProcess("stubborn", command, folder=tmp_path, is_ready=is_up.is_set)
    stubborn.on_line = lambda _name, _line: is_up.set()
    stubborn.start()
    assert is_up.wait(30)
    end(processes_of(tmp_path), signal.SIGTERM, seconds=0.2)
    wait_until(lambda: stubborn.exit_code == -signal.SIGKILL, "Its end", seconds=30)
