"""The mutation updateCharacter."""

from typing import Annotated

import strawberry

from api.characters.refusals import CharacterNotFound
from api.characters.types import Character, present_character
from api.context import Info
from api.node import local_id
from api.permissions import EDITOR
from api.scalars import Json
from domain.characters.errors import CharacterNotFound as NoCharacter
from domain.characters.use_cases.update_character import TextChanges, update_character
from domain.identifiers import CharacterId


@strawberry.type(description="The character has its new texts.")
class CharacterUpdated:
    """Success."""

    character: Character = strawberry.field(description="The character, changed.")


UpdateCharacterResult = Annotated[
    CharacterUpdated | CharacterNotFound,
    strawberry.union("UpdateCharacterResult", description="What changing a character can come to."),
]


@strawberry.input(description="New texts of a character; what is left out or null stays as it is.")
class UpdateCharacterInput:
    """The input of updateCharacter."""

    id: strawberry.ID = strawberry.field(description="The character.")
    name: str | None = strawberry.field(default=None, description="Its name; up to 100 characters.")
    description: str | None = strawberry.field(default=None, description="Who it is; up to 10,000 characters.")
    aliases: list[str] | None = strawberry.field(default=None, description="All its other names; up to 20.")
    metadata: Json | None = strawberry.field(
        default=None, description="All its metadata; a JSON object of up to 16 KiB."
    )


@strawberry.type
class UpdateCharacter:
    """The mutation updateCharacter."""

    @strawberry.mutation(description="Change what is said of a character.", extensions=[EDITOR])
    async def update_character(
        self,
        info: Info,
        given: Annotated[UpdateCharacterInput, strawberry.argument(name="input", description="What to change.")],
    ) -> UpdateCharacterResult:
        changes = TextChanges(
            name=given.name,
            aliases=given.aliases,
            description=given.description,
            metadata=given.metadata,
        )
        key = CharacterId(local_id("Character", given.id))
        try:
            async with info.context.work() as work:
                changed = await update_character(work, character_id=key, changes=changes, now=info.context.now())
        except NoCharacter as fact:
            return CharacterNotFound(message=fact.message)
        return CharacterUpdated(character=present_character(changed))
