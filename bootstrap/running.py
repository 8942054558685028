"""Finding the lab that runs on a folder already, so that a second command uses it and starts no twin."""

import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

FILE = "running.json"


@dataclass(frozen=True, slots=True)
class RunningLab:
    """A lab that answers: where, whose process, and the settings of its processes."""

    api_url: str
    pid: int
    created_at: float
    environment: dict[str, str]

    @property
    def is_alive(self) -> bool:
        try:
            return abs(psutil.Process(self.pid).create_time() - self.created_at) < 1.0
        except psutil.NoSuchProcess:
            return False


def find_running(folder: Path) -> RunningLab | None:
    """Answer the lab that runs on the folder, or None; a file left by a killed one does not count."""
    try:
        told = RunningLab(**json.loads((folder / FILE).read_text()))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None
    return told if told.is_alive else None


@contextmanager
def announced(folder: Path, *, api_url: str, environment: Mapping[str, str]) -> Generator[None]:
    """Tell other commands where this process's lab answers, readable by the same user alone."""
    created_at = psutil.Process().create_time()
    running = RunningLab(api_url=api_url, pid=os.getpid(), created_at=created_at, environment=dict(environment))
    path = folder / FILE
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(running)))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
