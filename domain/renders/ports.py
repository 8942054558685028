"""What renders need from the outside: rows of renders, shots and takes, the frozen cast, a joiner of clips."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from domain.characters.gate import ExpectedCharacter
from domain.events import Events
from domain.identifiers import CharacterId, RenderId, ShotId, StoryboardId, WorkspaceId
from domain.jobs.ports import Jobs, RunTimes, Steps
from domain.media.models import Content
from domain.media.ports import Objects
from domain.paging import Page, PageRequest
from domain.renders.consistency_ports import ConsistencyReports
from domain.renders.models import Probe, Render, ShotTally
from domain.renders.settings import FrameSize
from domain.renders.shots import RenderShot, Take
from domain.renders.snapshot import FrozenCharacter
from domain.renders.standings import RenderStandings
from domain.storyboards.models import Storyboard


class Renders(Protocol):
    """Rows of renders, their shots and takes, of the transaction's workspace alone."""

    async def add(self, render: Render, shots: Sequence[RenderShot]) -> None: ...

    async def find(self, render_id: RenderId) -> Render | None: ...

    async def lock(self, render_id: RenderId) -> Render | None:
        """Find a render and hold its row: whoever changes it, its shots or its takes holds it first."""
        ...

    async def save(self, render: Render) -> None: ...

    async def remove(self, render_id: RenderId) -> None:
        """Remove the render with its shots and takes; what they held is released by the caller."""
        ...

    async def latest(self, storyboard_id: StoryboardId) -> Render | None:
        """The storyboard's newest render."""
        ...

    async def shots(self, render_id: RenderId, shot_ids: Collection[ShotId] | None = None) -> Sequence[RenderShot]:
        """The shots in their order; all of them, or those asked for."""
        ...

    async def waiting_shots(self, render_id: RenderId, *, limit: int) -> Sequence[RenderShot]:
        """The first shots that nobody has begun, in their order."""
        ...

    async def save_shots(self, shots: Sequence[RenderShot]) -> None: ...

    async def takes(self, render_id: RenderId, shot_ids: Collection[ShotId] | None = None) -> Sequence[Take]:
        """All takes, by shot and number; of all shots, or of those asked for."""
        ...

    async def save_takes(self, takes: Sequence[Take]) -> None:
        """Write takes down, new or changed."""
        ...

    async def tally(self, render_id: RenderId) -> ShotTally: ...


class FrozenCasts(Protocol):
    """The cast as renders freeze it, of the transaction's workspace alone."""

    async def freeze(self, character_ids: Collection[CharacterId]) -> Sequence[FrozenCharacter]:
        """The characters that there are, in a constant number of statements; those not ready come without identity."""
        ...

    async def robbed(self, cast: Sequence[FrozenCharacter]) -> Sequence[FrozenCharacter]:
        """Those of them that have lost pictures since they were frozen."""
        ...

    async def expected(self, cast: Sequence[FrozenCharacter]) -> Sequence[ExpectedCharacter]:
        """The frozen characters with their vectors of pictures that are left; raises NotFound for one that is gone."""
        ...


class StepUses(Protocol):
    """Who uses the results of steps: takes by their keyframe and clip, renders by their film.

    A shot that waits to be begun may use any of its workspace: which ones its takes will tell.
    """

    async def unused_among(self, workspace_id: WorkspaceId, digests: Collection[str]) -> Collection[str]:
        """Those of the digests that have a result which no take and no film uses, nor may a shot that waits."""
        ...

    async def hold_unused(
        self, *, before: datetime, judged_before: datetime, limit: int
    ) -> Mapping[WorkspaceId, Collection[str]]:
        """Results that nothing uses, locked, of every workspace seen, up to `limit` of each sort.

        Those that keep objects, and vectors of figures, made before one moment; judgements made before another.
        """
        ...


class RenderReads(Protocol):
    """Lists and batches for readers, each in a constant number of statements."""

    async def page(self, request: PageRequest, *, storyboard_id: StoryboardId | None = None) -> Page[Render]:
        """Newest first. Raises Invalid for a cursor that this list never gave."""
        ...

    async def find_many(self, render_ids: Sequence[RenderId]) -> Mapping[RenderId, Render]: ...

    async def shots_of_many(self, render_ids: Sequence[RenderId]) -> Mapping[RenderId, Sequence[RenderShot]]: ...

    async def takes_of_many(self, render_ids: Sequence[RenderId]) -> Mapping[RenderId, Sequence[Take]]: ...

    async def first_takes(self, storyboard_id: StoryboardId, *, seed: int) -> Mapping[ShotId, int]:
        """Of each shot where its latest round began in any of the storyboard's renders of that seed."""
        ...

    async def latest_with(self, character_ids: Sequence[CharacterId]) -> Mapping[CharacterId, Render]:
        """For each character the newest render that it is cast in."""
        ...


class StoryboardSource(Protocol):
    """Storyboards as renders see them."""

    async def find(self, storyboard_id: StoryboardId) -> Storyboard | None: ...


class RenderWork(Protocol):
    """The transaction as a render that was ordered sees it."""

    def new_id(self) -> UUID: ...

    @property
    def renders(self) -> Renders: ...

    @property
    def frozen_casts(self) -> FrozenCasts: ...

    @property
    def consistency_reports(self) -> ConsistencyReports: ...

    @property
    def objects(self) -> Objects: ...

    @property
    def steps(self) -> Steps: ...

    @property
    def step_uses(self) -> StepUses: ...

    @property
    def jobs(self) -> Jobs: ...

    @property
    def events(self) -> Events: ...


class OrderWork(RenderWork, Protocol):
    """The transaction as ordering sees it: storyboards too."""

    @property
    def storyboards(self) -> StoryboardSource: ...

    @property
    def render_reads(self) -> RenderReads: ...

    @property
    def run_times(self) -> RunTimes: ...


class StandingWork(Protocol):
    """The transaction as readers of standings see it."""

    @property
    def render_reads(self) -> RenderReads: ...

    @property
    def render_standings(self) -> RenderStandings: ...

    @property
    def run_times(self) -> RunTimes: ...


class RenderTransactions(Protocol):
    """Opens a transaction that commits at its end; for work on bytes between two short transactions."""

    def __call__(self) -> AbstractAsyncContextManager[RenderWork]: ...


@dataclass(frozen=True, slots=True)
class JoinOrder:
    """Clips to be joined in order, what every frame of them must be, and an empty folder for the results."""

    clips: Sequence[Path]
    captions: str
    folder: Path
    frame: FrameSize
    frames_per_second: int


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """One finished file, measured."""

    path: Path
    content: Content


@dataclass(frozen=True, slots=True)
class JoinedFilm:
    """The finished files and what the film says of itself."""

    probe: Probe
    film: JoinedFile
    poster: JoinedFile
    captions: JoinedFile


class FilmJoiner(Protocol):
    """Joins clips into one film and makes its poster and captions."""

    async def join(self, order: JoinOrder) -> JoinedFilm:
        """Write the three files; raises Invalid for a clip that does not fit the others."""
        ...
