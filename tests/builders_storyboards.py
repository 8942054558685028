"""Storyboards for tests: shots made of few words, and a workspace in which storyboards are written and edited."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text

from adapters.postgres.work import PostgresWork
from adapters.screenplay.planner import ScreenplayPlanner
from bootstrap.container import Container
from domain.characters.models import Character, CharacterState
from domain.characters.texts import checked_texts
from domain.characters.use_cases.create_character import create_character
from domain.identifiers import CharacterId, ShotId, StoryboardId, WorkspaceId
from domain.storyboards.models import Shot, ShotContent, Storyboard, StoryboardState
from domain.storyboards.ports import ScriptPlanner, WritingOrder
from domain.storyboards.use_cases.create_storyboard import ScriptOrder, create_storyboard
from domain.storyboards.use_cases.editing import Target
from domain.storyboards.use_cases.write_storyboard import WritingTools, finish_writing, write_storyboard
from tests.builders_scripts import LANGUAGES
from tests.builders_workspaces import new_workspace

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SCRIPT = "Anna ran through the forest. The moon was bright. Tom waited by the river."


def shot(number: int, *, seconds: float = 4.0, narration: str = "") -> Shot:
    key = ShotId(UUID(int=number))
    return Shot(key, ShotContent(action=f"Shot {number}.", narration=narration, seconds=seconds))


def shots(count: int) -> tuple[Shot, ...]:
    return tuple(shot(number) for number in range(1, count + 1))


def numbers(found: Sequence[Shot]) -> list[int]:
    return [each.id.int for each in found]


def a_storyboard(*, count: int = 3, state: StoryboardState = StoryboardState.READY, version: int = 1) -> Storyboard:
    return Storyboard(
        id=StoryboardId(UUID(int=900)),
        workspace_id=WorkspaceId(UUID(int=901)),
        title="A film",
        script=SCRIPT,
        language="en",
        style="",
        seconds_target=None,
        cast=None,
        state=state,
        version=version,
        shots=shots(count),
        created_at=NOW,
        updated_at=NOW,
    )


@dataclass(frozen=True, slots=True)
class ListedShots:
    """A writer that knows its shots beforehand, and may fail after them."""

    contents: Sequence[ShotContent]
    failure: Exception | None = None
    orders: list[WritingOrder] = field(default_factory=list[WritingOrder])
    name: str = "listed"

    async def plan(self, order: WritingOrder) -> AsyncIterator[ShotContent]:
        self.orders.append(order)
        for content in self.contents:
            yield content
        if self.failure is not None:
            raise self.failure


@dataclass(frozen=True, slots=True)
class StoryboardLab:
    """One workspace in which storyboards are made."""

    container: Container
    workspace_id: WorkspaceId

    @classmethod
    async def opened(cls, container: Container) -> "StoryboardLab":
        return cls(container, await new_workspace(container))

    def begin(self) -> AbstractAsyncContextManager[PostgresWork]:
        return self.container.work(self.workspace_id)

    async def create(self, script: str = SCRIPT, *, cast: Sequence[CharacterId] | None = None) -> Storyboard:
        order = ScriptOrder(script=script, title="A film", cast=cast)
        async with self.begin() as work:
            return await create_storyboard(work, workspace_id=self.workspace_id, order=order, now=NOW)

    async def character(self, name: str, state: CharacterState = CharacterState.READY) -> Character:
        """Create a character of that name, in a state."""
        async with self.begin() as work:
            texts = checked_texts(name=name)
            created = await create_character(work, workspace_id=self.workspace_id, texts=texts, now=NOW)
            await work.characters.save(replace(created, state=state))
        return created

    async def write(self, storyboard_id: StoryboardId, planner: ScriptPlanner | None = None) -> bool:
        tools = WritingTools(planner or ScreenplayPlanner(LANGUAGES), LANGUAGES)
        return await write_storyboard(self.begin, tools=tools, storyboard_id=storyboard_id, clock=lambda: NOW)

    async def written(self, count: int = 3) -> Storyboard:
        """Create a storyboard with that many shots, ready to be edited."""
        created = await self.create()
        await self.write(created.id, ListedShots([each.content for each in shots(count)]))
        async with self.begin() as work:
            return await finish_writing(work, storyboard_id=created.id, now=NOW)

    async def find(self, storyboard_id: StoryboardId) -> Storyboard:
        async with self.begin() as work:
            found = await work.storyboards.find(storyboard_id)
        assert found is not None
        return found

    async def events(self, storyboard_id: StoryboardId) -> list[str]:
        statement = text("select name from events where stream_id = :id order by number")
        async with self.begin() as work:
            return list((await work.session.execute(statement, {"id": storyboard_id})).scalars())

    async def jobs(self, storyboard_id: StoryboardId) -> list[str]:
        statement = text("select kind || ' ' || state from jobs where subject_id = :id order by id")
        async with self.container.system_work(self.workspace_id) as work:
            return list((await work.session.execute(statement, {"id": storyboard_id})).scalars())


def target(storyboard: Storyboard, *, version: int | None = None) -> Target:
    return Target(storyboard.id, storyboard.version if version is None else version)


def content(action: str = "A new shot.", *, cast: Sequence[CharacterId] = ()) -> ShotContent:
    del cast
    return replace(shot(1).content, action=action)
