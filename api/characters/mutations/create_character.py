"""The mutation createCharacter."""

from typing import Annotated

import strawberry

from api.characters.receiving import receive
from api.characters.refusals import (
    UPLOAD_FACTS,
    TooManyImages,
    UploadAlreadyUsed,
    UploadMismatch,
    UploadNotFound,
    UploadNotPut,
    told_as,
)
from api.characters.types import Character, present_character
from api.context import Info
from api.permissions import EDITOR
from api.scalars import Json
from domain.characters.texts import checked_texts
from domain.characters.use_cases.create_character import create_character


@strawberry.type(description="The character is there; its pictures are being read.")
class CharacterCreated:
    """Success."""

    character: Character = strawberry.field(description="The character; follow it with `characterProgress`.")


CreateCharacterResult = Annotated[
    CharacterCreated | UploadNotFound | UploadAlreadyUsed | UploadNotPut | UploadMismatch | TooManyImages,
    strawberry.union("CreateCharacterResult", description="What creating a character can come to."),
]


@strawberry.input(description="A new character.")
class CreateCharacterInput:
    """The input of createCharacter."""

    name: str = strawberry.field(description="Its name, as scripts write it; up to 100 characters.")
    description: str = strawberry.field(default="", description="Who it is; up to 10,000 characters.")
    aliases: list[str] = strawberry.field(default_factory=list, description="Up to 20 other names.")
    metadata: Json | None = strawberry.field(default=None, description="A JSON object of up to 16 KiB to keep with it.")
    upload_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Uploads of up to 50 pictures that show who it is; 4 to 8 are a good number. Put first the one "
        "with the calmest face: `animatic` shows it in every shot.",
    )


@strawberry.type
class CreateCharacter:
    """The mutation createCharacter."""

    @strawberry.mutation(
        description="Create a character from pictures whose bytes were put. All is written, or nothing.",
        extensions=[EDITOR],
    )
    async def create_character(
        self,
        info: Info,
        given: Annotated[CreateCharacterInput, strawberry.argument(name="input", description="The character.")],
    ) -> CreateCharacterResult:
        context = info.context
        texts = checked_texts(
            name=given.name, aliases=given.aliases, description=given.description, metadata=given.metadata
        )
        try:
            upload_ids = await receive(context, given.upload_ids)
            async with context.work() as work:
                created = await create_character(
                    work,
                    workspace_id=context.caller.workspace_id,
                    texts=texts,
                    upload_ids=upload_ids,
                    now=context.now(),
                )
        except UPLOAD_FACTS as fact:
            return told_as(fact)
        return CharacterCreated(character=present_character(created))
