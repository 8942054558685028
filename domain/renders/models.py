"""A render: one order to film one storyboard as it stood, and the film that came of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.events import Stream, StreamKind
from domain.identifiers import ObjectId, RenderId, StoryboardId, UserId, WorkspaceId
from domain.renders.budgets import Budget, Cost
from domain.renders.errors import RenderMoveRefused
from domain.renders.settings import RenderSettings
from domain.renders.snapshot import Snapshot
from domain.renders.states import RenderState


@dataclass(frozen=True, slots=True)
class Probe:
    """What the finished file says of itself."""

    width: int
    height: int
    frames: int
    frames_per_second: int
    size_bytes: int
    video_codec: str = "h264"
    pixel_format: str = "yuv420p"

    @property
    def seconds(self) -> float:
        return self.frames / self.frames_per_second


@dataclass(frozen=True, slots=True)
class Film:
    """The finished outputs of a render; `digest` tells of which takes it was joined."""

    digest: str
    video_id: ObjectId
    poster_id: ObjectId
    captions_id: ObjectId
    probe: Probe

    @property
    def object_ids(self) -> tuple[ObjectId, ...]:
        return (self.video_id, self.poster_id, self.captions_id)


@dataclass(frozen=True, slots=True)
class ShotTally:
    """How many shots of a render stand where."""

    total: int
    taken: int
    failed: int

    @property
    def are_all_final(self) -> bool:
        return self.taken + self.failed >= self.total


@dataclass(frozen=True, slots=True)
class Render:
    """One order to film one storyboard; every change of it or of its shots is made under its row's lock.

    A finished or failed render can be taken up again (a shot re-rolled, failed shots retried); a canceled one cannot.
    A film stays until a newer one replaces it.
    """

    id: RenderId
    workspace_id: WorkspaceId
    storyboard_id: StoryboardId
    snapshot: Snapshot
    settings: RenderSettings
    seed: int
    created_at: datetime
    updated_at: datetime
    budget: Budget = field(default_factory=Budget)
    committed: Cost = field(default_factory=Cost)
    spent: Cost = field(default_factory=Cost)
    state: RenderState = RenderState.QUEUED
    requested_by: UserId | None = None
    film: Film | None = None
    failure: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def stream(self) -> Stream:
        return Stream(StreamKind.RENDER, self.id, self.workspace_id)

    def start(self, now: datetime) -> "Render":
        moved = self._move("started", RenderState.FILMING, {RenderState.QUEUED}, now)
        return replace(moved, started_at=now)

    def join(self, now: datetime) -> "Render":
        return self._move("joined", RenderState.JOINING, {RenderState.FILMING}, now)

    def finish(self, film: Film, now: datetime) -> "Render":
        moved = self._move("finished", RenderState.FINISHED, {RenderState.JOINING}, now)
        return replace(moved, film=film, finished_at=now)

    def fail(self, reason: str, now: datetime) -> "Render":
        moved = self._move("failed", RenderState.FAILED, _UNFINISHED, now)
        return replace(moved, failure=reason, finished_at=now)

    def cancel(self, now: datetime) -> "Render":
        moved = self._move("canceled", RenderState.CANCELED, _UNFINISHED, now)
        return replace(moved, finished_at=now)

    def retry(self, now: datetime) -> "Render":
        """Take up a failed render again."""
        moved = self._move("retried", RenderState.FILMING, {RenderState.FAILED}, now)
        return replace(moved, failure="", finished_at=None)

    def reopen(self, now: datetime) -> "Render":
        """A shot is re-rolled: film again, and join again after that."""
        allowed = set(RenderState) - {RenderState.QUEUED, RenderState.CANCELED}
        moved = self._move("re-rolled", RenderState.FILMING, allowed, now)
        return replace(moved, failure="", finished_at=None)

    def can_afford(self, cost: Cost) -> bool:
        return self.budget.allows(self.committed + cost)

    def commit(self, cost: Cost) -> "Render":
        """Count work as it is planned; raises BudgetTooSmall.

        What is planned counts, not what is done, so that shots filmed side by side cannot pass the budget together.
        """
        self.budget.check(self.committed + cost)
        return replace(self, committed=self.committed + cost)

    def give_back(self, cost: Cost) -> "Render":
        """Count what was planned and will not be done no longer."""
        return replace(self, committed=self.committed - cost)

    def spend(self, cost: Cost) -> "Render":
        """Count work that was done for this render."""
        return replace(self, spent=self.spent + cost)

    def _move(
        self, verb: str, state: RenderState, allowed: frozenset[RenderState] | set[RenderState], now: datetime
    ) -> "Render":
        if self.state not in allowed:
            raise RenderMoveRefused(f"A render that is {self.state.value} cannot be {verb}.")
        return replace(self, state=state, updated_at=now)


_UNFINISHED = frozenset(state for state in RenderState if not state.is_final)
