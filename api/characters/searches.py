"""Finding characters: by words, by a picture, by another character."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from api.characters.types import Character, load_character, present_character
from api.context import Info
from api.node import local_id
from api.permissions import VIEWER
from domain.characters.ports import Neighbour
from domain.characters.use_cases.search_characters import (
    checked_limit,
    look_at_upload,
    search_by_character,
    search_by_picture,
    search_by_text,
)
from domain.identifiers import CharacterId, UploadId

First = Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")]


@strawberry.type(description="A character found by words.")
class CharacterMatch:
    """A text match."""

    character: Character = strawberry.field(description="The character.")
    score: float = strawberry.field(description="Orders the matches of one search; it says nothing across searches.")


@strawberry.type(description="A character found by how it looks.")
class CharacterNeighbour:
    """A match of vectors."""

    key: strawberry.Private[CharacterId]
    score: float = strawberry.field(description="How much alike they are, -1 to 1.")
    is_match: bool = strawberry.field(description="Whether the score says that this is the character itself.")

    @strawberry.field(description="The character.")
    async def character(self, info: Info) -> Character:
        return await load_character(info, self.key)


@strawberry.type
class CharacterSearches:
    """Searches for characters."""

    @strawberry.field(
        description="Find characters whose name, aliases or description hold the words, best first, in any script. "
        "Words may be unfinished, and names a little misspelt.",
        extensions=[VIEWER],
    )
    async def search_characters(
        self,
        info: Info,
        text: Annotated[str, strawberry.argument(description="The words.")],
        first: First = 20,
    ) -> list[CharacterMatch]:
        async with info.context.work() as work:
            found = await search_by_text(work.character_reads, text=text, limit=first)
        return [CharacterMatch(character=present_character(match.character), score=match.score) for match in found]

    @strawberry.field(
        description="Find the characters that look most like another, nearest first.", extensions=[VIEWER]
    )
    async def similar_characters(
        self,
        info: Info,
        character_id: Annotated[
            strawberry.ID, strawberry.argument(name="id", description="The character to compare with.")
        ],
        first: First = 20,
    ) -> list[CharacterNeighbour]:
        key = CharacterId(local_id("Character", character_id))
        async with info.context.work() as work:
            found = await search_by_character(work, character_id=key, limit=first)
        return present_neighbours(found)

    @strawberry.field(
        description="Find the characters that look most like the figure in an uploaded picture, nearest first. "
        "The upload stays unused.",
        extensions=[VIEWER],
    )
    async def search_characters_by_picture(
        self,
        info: Info,
        upload_id: Annotated[strawberry.ID, strawberry.argument(description="The upload whose bytes were put.")],
        first: First = 20,
    ) -> list[CharacterNeighbour]:
        context, limit = info.context, checked_limit(first)
        seen = await look_at_upload(
            context.work,
            tools=context.services.ingest_tools,
            workspace_id=context.caller.workspace_id,
            upload_id=UploadId(local_id("Upload", upload_id, field="uploadId")),
            now=context.now(),
        )
        async with context.work() as work:
            found = await search_by_picture(work, seen=seen, limit=limit)
        return present_neighbours(found)


def present_neighbours(found: Sequence[Neighbour]) -> list[CharacterNeighbour]:
    return [
        CharacterNeighbour(key=each.character_id, score=each.score, is_match=each.score >= each.threshold)
        for each in found
    ]
