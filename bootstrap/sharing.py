"""Sharing a folder between commands: one has servers on it, others use its lab, and none ends what another needs.

Whoever holds `lab.lock` may start servers on the folder, ends what it finds there, and holds it until its own have
stopped. Whoever uses the lab of another shares `users.lock`; a lab that was started for one command takes that alone
before it stops, and so waits for the others. The kernel lets go of both when a process ends, however it does.
"""

import fcntl
import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bootstrap.running import RunningLab, find_running
from domain.errors import Conflict

LOCK, USERS = "lab.lock", "users.lock"
WAIT_SECONDS = 60.0
LOOK_SECONDS = 0.1


class FolderTaken(Conflict):
    """Another process has servers on the folder, and tells of no lab that could be used."""


class FileLock:
    """A lock on a file, for one alone or shared by many; let go of at the end of the block.

    Invariant: the descriptor is open exactly while the lock is held, and no process that is started inherits it. The
    file is never removed: two could then each hold a lock on a file of that name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def __enter__(self) -> "FileLock":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.release()

    def try_alone(self) -> bool:
        """Take it alone, or keep it so; False where another has it."""
        return self._try(fcntl.LOCK_EX)

    def try_share(self) -> bool:
        """Take a share; False where another has it alone."""
        return self._try(fcntl.LOCK_SH)

    def _try(self, kind: int) -> bool:
        held = self._descriptor
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600) if held is None else held
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except OSError as refused:
            # What was held is lost with a refused change of its kind.
            self._descriptor = None
            os.close(descriptor)
            if isinstance(refused, BlockingIOError):
                return False
            raise
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go of it, as often as one likes."""
        if self._descriptor is not None:
            # Closing would not do where a child was forked and never executed anything: it has the descriptor, too.
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = None


@dataclass(frozen=True, slots=True)
class FolderUse:
    """What a command has of a folder: a share in the lab `running` there, or, where that is None, `lock` alone."""

    running: RunningLab | None
    lock: FileLock
    users: FileLock


@contextmanager
def folder_in_use(folder: Path, *, seconds: float = WAIT_SECONDS) -> Generator[FolderUse]:
    """Have a share in the lab that runs on the folder, or else the folder alone, while the block runs.

    Waits for a lab that starts or stops, and for a command with servers of its own; raises FolderTaken when that takes
    too long.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / LOCK) as lock, FileLock(folder / USERS) as users:
        yield FolderUse(wait_for_turn(folder, lock, users, seconds=seconds), lock, users)


def wait_for_turn(folder: Path, lock: FileLock, users: FileLock, *, seconds: float) -> RunningLab | None:
    deadline, is_told = time.monotonic() + seconds, False
    while True:
        if running := shared_lab(folder, users):
            return running
        if lock.try_alone():
            return None
        if time.monotonic() > deadline:
            raise FolderTaken(taken(folder))
        if not is_told:
            tell_aside(f"Another command is busy with {folder}: waiting until its lab answers, or it is done.")
            is_told = True
        time.sleep(LOOK_SECONDS)


def taken(folder: Path) -> str:
    return f"Another command is busy with {folder}: wait until it is done, or take another folder with --folder."


def shared_lab(folder: Path, users: FileLock) -> RunningLab | None:
    """Take a share in the lab that runs on the folder; None where there is none, or it is about to stop."""
    if find_running(folder) is None or not users.try_share():
        return None
    # Only from now on it is sure to stay: it may have stopped just before.
    running = find_running(folder)
    if running is None:
        users.release()
    return running


def wait_for_users(users: FileLock) -> None:
    """Take the lock alone, when the last of those who use this process's lab is done; nobody comes in after that."""
    is_told = False
    while not users.try_alone():
        if not is_told:
            tell_aside("Another command uses this lab, which stops once that is done; Ctrl-C stops it now.")
            is_told = True
        time.sleep(LOOK_SECONDS)


def tell_aside(line: str) -> None:
    """Tell whoever looks on; standard output may be read by a machine."""
    print(line, file=sys.stderr, flush=True)
