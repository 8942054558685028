"""Where jobs put what they make: a folder each, which goes with its job, whatever way the job or the worker ends.

A worker's folder is locked as long as the worker lives. Nothing cleans up after SIGKILL, so each start removes the
folders whose lock nobody holds any more.
"""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "lab-worker-"


class Workplace:
    """The folder of one worker; use it as a context manager."""

    def __init__(self, parent: Path | None = None) -> None:
        self._parent = parent or Path(tempfile.gettempdir())
        self._folder = self._parent
        self._lock = -1

    def __enter__(self) -> "Workplace":
        remove_abandoned(self._parent)
        while self._lock < 0:
            self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=self._parent))
            self._lock = locked(self._folder)
        return self

    def __exit__(self, *_exception: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._lock)
        self._lock = -1

    def folder(self) -> tempfile.TemporaryDirectory[str]:
        """An empty folder, removed with all that lies in it when its block ends."""
        return tempfile.TemporaryDirectory(prefix="job-", dir=self._folder, ignore_cleanup_errors=True)


def locked(folder: Path) -> int:
    """Answer a descriptor that holds the folder's lock until it is closed; -1 where another start took it for left."""
    try:
        lock = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return -1
    fcntl.flock(lock, fcntl.LOCK_EX)
    if folder.exists():
        return lock
    os.close(lock)
    return -1


def remove_abandoned(parent: Path) -> None:
    """Remove the folders of workers that have ended without doing so; those of other users are left alone."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(lock)
