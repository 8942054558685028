"""What storyboards need from the outside: a writer that plans shots from a script, and rows to keep them in."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.characters.ports import CharacterReads
from domain.events import Events
from domain.identifiers import CharacterId, ShotId, StoryboardId, WorkspaceId
from domain.jobs.ports import Jobs
from domain.paging import Page, PageRequest
from domain.storyboards.models import Shot, ShotContent, Storyboard, StoryboardState


@dataclass(frozen=True, slots=True)
class KnownCharacter:
    """A character that the writer may cast: its name, other names it goes by, and who it is."""

    id: CharacterId
    name: str
    aliases: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class WritingOrder:
    """One script to be planned; `language` is a BCP 47 tag, empty when the writer shall find out.

    `cast` is whom somebody chose for this script, or everybody whom the workspace has, newest first.
    """

    script: str
    title: str
    cast: Sequence[KnownCharacter]
    language: str = ""
    style: str = ""
    seconds_target: float | None = None
    is_cast_chosen: bool = False


class ScriptPlanner(Protocol):
    """Plans shots from a script, yielding each as soon as it is known."""

    @property
    def name(self) -> str: ...

    def plan(self, order: WritingOrder) -> AsyncIterator[ShotContent]:
        """Yield the shots in order.

        Raises Invalid for a script that cannot be planned (empty, no words), Unavailable when a model
        endpoint fails for good.
        """
        ...


class LanguageDetector(Protocol):
    """Tells the language of a text."""

    def detect(self, text: str) -> str:
        """Answer a BCP 47 primary tag such as `en` or `zh`; `und` when there is nothing to tell it by."""
        ...


@dataclass(frozen=True, slots=True)
class StoryboardOverview:
    """A storyboard as lists show it: everything but its script and shots, which are counted."""

    id: StoryboardId
    workspace_id: WorkspaceId
    title: str
    language: str
    style: str
    seconds_target: float | None
    cast: tuple[CharacterId, ...] | None
    state: StoryboardState
    version: int
    failure: str
    writer: str
    shots: int
    seconds: float
    created_at: datetime
    updated_at: datetime


def overview_of(storyboard: Storyboard) -> StoryboardOverview:
    """Answer what lists would show of a storyboard that is at hand."""
    return StoryboardOverview(
        id=storyboard.id,
        workspace_id=storyboard.workspace_id,
        title=storyboard.title,
        language=storyboard.language,
        style=storyboard.style,
        seconds_target=storyboard.seconds_target,
        cast=storyboard.cast,
        state=storyboard.state,
        version=storyboard.version,
        failure=storyboard.failure,
        writer=storyboard.writer,
        shots=len(storyboard.shots),
        seconds=storyboard.seconds,
        created_at=storyboard.created_at,
        updated_at=storyboard.updated_at,
    )


@dataclass(frozen=True, slots=True)
class NumberedShot:
    """A shot and its place in its storyboard, from 1."""

    shot: Shot
    number: int


@dataclass(frozen=True, slots=True)
class StoryboardVersion:
    """One version as the history lists it; `edit` says what made it."""

    version: int
    edit: str
    shots: int
    created_at: datetime


class Storyboards(Protocol):
    """Rows of storyboards, their shots and versions, of the transaction's workspace alone."""

    async def add(self, storyboard: Storyboard) -> None: ...

    async def find(self, storyboard_id: StoryboardId) -> Storyboard | None:
        """Find a storyboard with its shots in order."""
        ...

    async def lock(self, storyboard_id: StoryboardId) -> Storyboard | None:
        """Find a storyboard and hold its row: whoever changes it or its shots holds it first."""
        ...

    async def lock_without_shots(self, storyboard_id: StoryboardId) -> Storyboard | None:
        """Hold the row and leave the shots unread, for a writer that adds to hundreds of them."""
        ...

    async def save(self, storyboard: Storyboard) -> None:
        """Save everything but the shots."""
        ...

    async def replace_shots(self, before: Storyboard, after: Storyboard) -> None:
        """Make the rows of shots those of `after`, writing only what differs from `before`."""
        ...

    async def append_shot(self, storyboard: Storyboard, shot: Shot) -> int:
        """Add a shot at the end; answer its number from 1. The storyboard's row is held."""
        ...

    async def keep_version(self, storyboard: Storyboard, *, edit: str) -> None:
        """Keep all shots as they stand under the storyboard's version."""
        ...

    async def shots_of_version(self, storyboard_id: StoryboardId, version: int) -> Sequence[Shot] | None: ...

    async def remove(self, storyboard_id: StoryboardId) -> None:
        """Remove the storyboard with its shots and versions."""
        ...


class StoryboardReads(Protocol):
    """Lists and batches for readers, each in one statement, of one workspace alone."""

    async def page(self, request: PageRequest) -> Page[StoryboardOverview]:
        """Newest first. Raises Invalid for a cursor that this list never gave."""
        ...

    async def find_many(self, storyboard_ids: Sequence[StoryboardId]) -> Mapping[StoryboardId, StoryboardOverview]: ...

    async def shots_of_many(self, storyboard_ids: Sequence[StoryboardId]) -> Mapping[StoryboardId, Sequence[Shot]]: ...

    async def find_shots(self, shot_ids: Sequence[ShotId]) -> Mapping[ShotId, NumberedShot]: ...

    async def scripts_of_many(self, storyboard_ids: Sequence[StoryboardId]) -> Mapping[StoryboardId, str]: ...

    async def versions_of_many(
        self, storyboard_ids: Sequence[StoryboardId]
    ) -> Mapping[StoryboardId, Sequence[StoryboardVersion]]:
        """The newest 100 versions of each, newest first."""
        ...


class StoryboardWork(Protocol):
    """The transaction as storyboards see it."""

    def new_id(self) -> UUID: ...

    @property
    def storyboards(self) -> Storyboards: ...

    @property
    def storyboard_reads(self) -> StoryboardReads: ...

    @property
    def character_reads(self) -> CharacterReads: ...

    @property
    def jobs(self) -> Jobs: ...

    @property
    def events(self) -> Events: ...


class StoryboardTransactions(Protocol):
    """Opens a transaction that commits at its end; the writer opens one a shot."""

    def __call__(self) -> AbstractAsyncContextManager[StoryboardWork]: ...


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A storyboard that says it is being written while no job is at it."""

    workspace_id: WorkspaceId
    storyboard_id: StoryboardId


class AbandonedWriting(Protocol):
    """Looks for what was abandoned, in every workspace."""

    async def find(self, *, limit: int) -> Sequence[Abandoned]: ...


class AbandonedWork(StoryboardWork, Protocol):
    """The transaction as the one who looks after abandoned storyboards sees it."""

    @property
    def abandoned_writing(self) -> AbandonedWriting: ...


class AbandonedTransactions(Protocol):
    """Opens a transaction in one workspace, or over all to look."""

    def __call__(self, workspace_id: WorkspaceId | None = None) -> AbstractAsyncContextManager[AbandonedWork]: ...
