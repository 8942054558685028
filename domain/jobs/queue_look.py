"""One look at a queue: who works, what runs, and in which order the fair pick would take what waits."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from domain.identifiers import WorkspaceId
from domain.jobs.models import Queue

# The least start tag first, then the highest priority, then the oldest: as the pick orders.
PickKey = tuple[float, float, UUID]


@dataclass(frozen=True, slots=True)
class Hands:
    """A worker that was seen lately and does not drain."""

    slots: int
    knows: frozenset[str]


@dataclass(frozen=True, slots=True)
class LineJob:
    """A job that waits; `rank` is its priority with its age."""

    id: UUID
    rank: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Line:
    """What one workspace has waiting, in order; where it is not whole, it goes on without a known end."""

    workspace_id: WorkspaceId
    weight: float
    fair_time: float
    jobs: Sequence[LineJob]
    is_whole: bool
    keys: list[PickKey] = field(init=False, compare=False)
    sums: list[float] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        keys: list[PickKey] = []
        sums = [0.0]
        for job in self.jobs:
            keys.append((self.fair_time + sums[-1] / self.weight, -job.rank, job.id))
            sums.append(sums[-1] + job.seconds)
        object.__setattr__(self, "keys", keys)
        object.__setattr__(self, "sums", sums)

    def before(self, key: PickKey) -> "Ahead":
        """What of it is picked before the key."""
        count = bisect_left(self.keys, key)
        seconds = self.sums[count]
        if count == len(self.keys) and not self.is_whole and count and seconds:
            more = max(0.0, (key[0] - self.fair_time) * self.weight - seconds)
            return Ahead(count + round(more * count / seconds), seconds + more)
        return Ahead(count, seconds)


@dataclass(frozen=True, slots=True)
class Ahead:
    """Jobs, and the seconds that they are estimated to take."""

    jobs: int = 0
    seconds: float = 0.0

    def __add__(self, other: "Ahead") -> "Ahead":
        return Ahead(self.jobs + other.jobs, self.seconds + other.seconds)


@dataclass(frozen=True, slots=True)
class QueueLook:
    """One queue at one moment; `given` are jobs that workers have or will have next, with what is left of them."""

    queue: Queue
    is_paused: bool
    fair_time: float
    hands: Sequence[Hands] = ()
    given: Mapping[WorkspaceId, Ahead] = field(default_factory=dict[WorkspaceId, Ahead])
    dispatched: int = 0
    lines: Sequence[Line] = ()
    running_max: int | None = None

    def workers(self, engine: str) -> int:
        """How many know the engine; every one where none is named."""
        return len(self._able(engine))

    def slots(self, engine: str) -> int:
        """How many jobs those can do at once."""
        slots = sum(hands.slots for hands in self._able(engine))
        return slots if self.running_max is None else min(slots, self.running_max)

    def _able(self, engine: str) -> Sequence[Hands]:
        return [hands for hands in self.hands if not engine or engine in hands.knows]

    @property
    def all_given(self) -> Ahead:
        return sum(self.given.values(), Ahead())

    def others_before(self, workspace_id: WorkspaceId, key: PickKey) -> Ahead:
        """What other workspaces have waiting that is picked before the key."""
        lines = (line for line in self.lines if line.workspace_id != workspace_id)
        return sum((line.before(key) for line in lines), Ahead())


class QueueLooks(Protocol):
    """Looks at the queues for whoever asks, at most once a second a process."""

    async def latest(self) -> Mapping[Queue, QueueLook]:
        """Every queue, a second ago at most; raises Unavailable."""
        ...
