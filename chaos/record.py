"""Each process's own append-only record of what it did: one JSON line a deed, independent of PostgreSQL."""

import json
import os
import time
from pathlib import Path
from typing import TypedDict


class Deed(TypedDict, total=False):
    """What one process did at one moment of its own clock; which details there are depends on `what`."""

    at: float
    what: str
    process: int
    job: str
    kind: str
    epoch: int
    claim: str
    step: int
    seed: str
    action: str
    inputs: int


def record(what: str, **details: str | float) -> None:
    """Append a deed in one write, so that a kill leaves a whole line or none; processes without a record keep none."""
    path = os.environ.get("CHAOS_RECORD")
    if path:
        line = json.dumps({"at": time.time(), "what": what, "process": os.getpid(), **details}) + "\n"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)


def read_records(folder: Path) -> list[Deed]:
    """Every deed of every process, by its own clock."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]
    return sorted((json.loads(line) for line in lines), key=lambda deed: deed.get("at", 0.0))
