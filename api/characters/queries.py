"""Characters, listed and one by one."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from api.characters.adapter_types import present_adapter
from api.characters.loaders import CHARACTERS
from api.characters.types import Character, present_character
from api.context import Context, Info
from api.node import Node, local_id
from api.paging import Connection, Paged, connection
from api.permissions import VIEWER
from domain.identifiers import AdapterId, CharacterId
from domain.paging import PageRequest


@strawberry.type
class CharacterQueries:
    """Characters."""

    @strawberry.field(description="The characters of the workspace, newest first.", extensions=[VIEWER, Paged()])
    async def characters(self, info: Info, page: PageRequest) -> Connection[Character]:
        async with info.context.work() as work:
            found = await work.character_reads.page(page)
        return connection(found, present_character)

    @strawberry.field(description="One character; null when there is none or it is not yours.", extensions=[VIEWER])
    async def character(
        self,
        info: Info,
        character_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The character.")],
    ) -> Character | None:
        found = await info.context.load(CHARACTERS, CharacterId(local_id("Character", character_id)))
        return None if found is None else present_character(found)


async def fetch_adapter_nodes(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Node]:
    """Versions of adapters by their keys, for `node` and `nodes`."""
    async with context.work() as work:
        found = await work.adapters.find_many([AdapterId(key) for key in keys])
    return {UUID(str(key)): present_adapter(adapter) for key, adapter in found.items()}


async def fetch_character_nodes(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Node]:
    """Characters by their keys, for `node` and `nodes`."""
    async with context.work() as work:
        found = await work.character_reads.find_many([CharacterId(key) for key in keys])
    return {UUID(str(key)): present_character(character) for key, character in found.items()}
