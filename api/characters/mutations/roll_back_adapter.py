"""The mutation rollBackAdapter."""

from typing import Annotated

import strawberry

from api.characters.adapter_refusals import NothingToRollBack
from api.characters.refusals import CharacterNotFound
from api.characters.types import Character, present_character
from api.context import Info
from api.node import local_id
from api.permissions import EDITOR
from domain.characters import errors
from domain.characters.use_cases.change_adapter import roll_back_adapter
from domain.identifiers import CharacterId


@strawberry.type(description="New renders use the version that was in use before, or none where there was none.")
class AdapterRolledBack:
    """Success."""

    character: Character = strawberry.field(description="The character, with what is in use now.")


RollBackAdapterResult = Annotated[
    AdapterRolledBack | CharacterNotFound | NothingToRollBack,
    strawberry.union("RollBackAdapterResult", description="What rolling an adapter back can come to."),
]


@strawberry.type
class RollBackAdapter:
    """The mutation rollBackAdapter."""

    @strawberry.mutation(
        description="Use the version of a character's adapter that was in use before this one.", extensions=[EDITOR]
    )
    async def roll_back_adapter(
        self,
        info: Info,
        character_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The character.")],
    ) -> RollBackAdapterResult:
        context, key = info.context, CharacterId(local_id("Character", character_id))
        try:
            async with context.work() as work:
                character = await roll_back_adapter(work, character_id=key, now=context.now())
        except errors.CharacterNotFound as fact:
            return CharacterNotFound(message=fact.message)
        except errors.NothingToRollBack as fact:
            return NothingToRollBack(message=fact.message)
        return AdapterRolledBack(character=present_character(character))
