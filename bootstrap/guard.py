"""Ends the servers and processes of an embedded folder when the process that started them is gone, however it went.

A process of its own, for nothing that dies of SIGKILL can clean up; and it looks for its parent instead of asking the
kernel for a signal, for PostgreSQL is started by `pg_ctl` and is nobody's child. What it has to end is told by the pid
files in the folder. SIGTERM ends the guard only while its parent lives; otherwise it does its work first, so that the
next start on the folder, which ends what an earlier one left, waits for it and finds no server that is about to stop.
"""

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil

from bootstrap.processes import GUARD, ManagedProcess, end, process_named_in

LOOK_SECONDS = 0.25
# The jobs process would drain for longer; its jobs go on elsewhere when their lease ends.
GRACE_SECONDS = 3.0
DATABASE_GRACE_SECONDS = 30.0


def guard_process(folder: Path) -> ManagedProcess:
    """Make the guard of a folder; start it first and stop it last."""
    command = [sys.executable, "-m", "bootstrap.guard", str(folder), str(os.getpid())]
    return ManagedProcess(GUARD, command, folder=folder, is_ready=lambda: True)


def postmaster_of(folder: Path) -> psutil.Process | None:
    """Answer the PostgreSQL server of the folder, by the file that it keeps while it runs."""
    with suppress(FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
        pid = (folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]
        process = psutil.Process(int(pid))
        return process if process.name() == "postgres" else None
    return None


def processes_of(folder: Path) -> list[psutil.Process]:
    """Answer what runs under the folder's pid files, PostgreSQL and the guard aside."""
    files = [path for path in folder.glob("*.pid") if path.stem != GUARD]
    return [process for process in map(process_named_in, files) if process is not None]


def end_all(folder: Path) -> None:
    """End the folder's processes, then the database that they use: SIGINT is its fast and clean shutdown."""
    end(processes_of(folder), signal.SIGTERM, seconds=GRACE_SECONDS)
    if postmaster := postmaster_of(folder):
        end([postmaster], signal.SIGINT, seconds=DATABASE_GRACE_SECONDS)


def main(folder: Path, parent: int) -> None:
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: asked.set())
    while os.getppid() == parent and not asked.wait(LOOK_SECONDS):
        pass
    if os.getppid() != parent:
        end_all(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
