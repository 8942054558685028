"""The mutation deleteCharacter."""

from typing import Annotated

import strawberry

from api.characters.refusals import CharacterBeingFilmed, CharacterNotFound
from api.context import Info
from api.node import global_id, local_id
from api.permissions import EDITOR
from domain.characters.errors import CharacterBeingFilmed as BeingFilmed
from domain.characters.errors import CharacterNotFound as NoCharacter
from domain.characters.use_cases.delete_character import delete_character
from domain.identifiers import CharacterId


@strawberry.type(description="The character is gone, with its pictures and all that was learned from them.")
class CharacterDeleted:
    """Success."""

    id: strawberry.ID = strawberry.field(description="The character that was deleted.")


DeleteCharacterResult = Annotated[
    CharacterDeleted | CharacterNotFound | CharacterBeingFilmed,
    strawberry.union("DeleteCharacterResult", description="What deleting a character can come to."),
]


@strawberry.type
class DeleteCharacter:
    """The mutation deleteCharacter."""

    @strawberry.mutation(
        description="Delete a character, its pictures and vectors. Its files are removed soon after; films stay.",
        extensions=[EDITOR],
    )
    async def delete_character(
        self,
        info: Info,
        character_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The character.")],
    ) -> DeleteCharacterResult:
        key = CharacterId(local_id("Character", character_id))
        try:
            async with info.context.work() as work:
                deleted = await delete_character(work, character_id=key, now=info.context.now())
        except NoCharacter as fact:
            return CharacterNotFound(message=fact.message)
        except BeingFilmed as fact:
            return CharacterBeingFilmed.of(fact)
        return CharacterDeleted(id=global_id("Character", deleted.id))
