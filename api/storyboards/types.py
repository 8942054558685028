"""Storyboards as clients see them."""

import asyncio
from datetime import datetime

import strawberry

from api.characters.loaders import CHARACTERS
from api.characters.types import Character, present_character
from api.context import Info
from api.node import Node, global_id
from api.storyboards.loaders import SCRIPTS, SHOTS, VERSIONS
from api.storyboards.shot_types import Shot, present_shot
from domain.identifiers import CharacterId, StoryboardId
from domain.storyboards import ports
from domain.storyboards.models import StoryboardState
from domain.storyboards.ports import StoryboardOverview


@strawberry.type(description="One version of a storyboard, which can be restored.")
class StoryboardVersion:
    """A version as clients see it."""

    version: int = strawberry.field(description="Its number.")
    edit: str = strawberry.field(
        description="What made it: write, insert, update, move, split, merge, delete, restore."
    )
    restored_version: int | None = strawberry.field(description="Which version was restored; null for other edits.")
    shot_count: int = strawberry.field(description="How many shots it has.")
    created_at: datetime = strawberry.field(description="When it was made.")


@strawberry.type(description="The shots planned from one script, in order.")
class Storyboard(Node):
    """A storyboard as clients see it."""

    key: strawberry.Private[StoryboardId]
    cast_keys: strawberry.Private[tuple[CharacterId, ...]]
    title: str = strawberry.field(description="Its title.")
    language: str = strawberry.field(description="The script's language, a BCP 47 tag; empty until it is known.")
    style: str = strawberry.field(
        description="How the film is to look, in the user's words; `animatic` has one style of its own."
    )
    seconds_target: float | None = strawberry.field(description="How long the film was asked to be.")
    state: StoryboardState = strawberry.field(description="Whether it can be edited and filmed.")
    failure: str = strawberry.field(description="Why the writer gave up; empty when it did not.")
    writer: str = strawberry.field(description="Who writes it: `builtin` or `openai`.")
    version: int = strawberry.field(description="Rises by one with every edit; an edit names the version it changes.")
    shot_count: int = strawberry.field(description="How many shots it has.")
    seconds: float = strawberry.field(description="How long the film of it lasts.")
    created_at: datetime = strawberry.field(description="When it was created.")
    updated_at: datetime = strawberry.field(description="When it changed last.")

    @strawberry.field(description="The script as it was given.")
    async def script(self, info: Info) -> str:
        return await info.context.load(SCRIPTS, self.key) or ""

    @strawberry.field(description="The shots in order; at most 1000.")
    async def shots(self, info: Info) -> list[Shot]:
        found = await info.context.load(SHOTS, self.key) or ()
        return [present_shot(shot, number) for number, shot in enumerate(found, 1)]

    @strawberry.field(
        description="Whom the user chose to cast, without deleted characters; nobody when the cast was left out."
    )
    async def cast(self, info: Info) -> list[Character]:
        found = await asyncio.gather(*(info.context.load(CHARACTERS, key) for key in self.cast_keys))
        return [present_character(character) for character in found if character is not None]

    @strawberry.field(description="The newest 100 versions, newest first.")
    async def versions(self, info: Info) -> list[StoryboardVersion]:
        found = await info.context.load(VERSIONS, self.key) or ()
        return [present_version(each) for each in found]


def present_version(version: ports.StoryboardVersion) -> StoryboardVersion:
    edit, _, restored = version.edit.partition(" ")
    return StoryboardVersion(
        version=version.version,
        edit=edit,
        restored_version=int(restored) if restored else None,
        shot_count=version.shots,
        created_at=version.created_at,
    )


def present_storyboard(overview: StoryboardOverview) -> Storyboard:
    return Storyboard(
        id=global_id("Storyboard", overview.id),
        key=overview.id,
        cast_keys=overview.cast or (),
        title=overview.title,
        language=overview.language,
        style=overview.style,
        seconds_target=overview.seconds_target,
        state=overview.state,
        failure=overview.failure,
        writer=overview.writer,
        version=overview.version,
        shot_count=overview.shots,
        seconds=overview.seconds,
        created_at=overview.created_at,
        updated_at=overview.updated_at,
    )
