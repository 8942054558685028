"""What shapes how long a job takes, and how long it is expected to take."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.jobs.models import Queue


@dataclass(frozen=True, slots=True)
class Workload:
    """A job before it is one: what run times are measured by, and what is declared until enough have run."""

    queue: Queue
    kind: str
    declared_seconds: float
    engine: str = ""
    pixels: int = 0
    frames: int = 0

    def seconds(self, measured: Mapping["Workload", float]) -> float:
        """How long it is expected to take: as measured where it was, else as declared."""
        return measured.get(self, self.declared_seconds)
