"""The mutation addReferenceImages."""

from typing import Annotated

import strawberry

from api.characters.image_types import CharacterImage, present_image
from api.characters.receiving import receive
from api.characters.refusals import (
    UPLOAD_FACTS,
    CharacterNotFound,
    TooManyImages,
    UploadAlreadyUsed,
    UploadMismatch,
    UploadNotFound,
    UploadNotPut,
    told_as,
)
from api.characters.types import Character, load_character, present_character
from api.context import Info
from api.node import local_id
from api.permissions import EDITOR
from domain.characters.errors import CharacterNotFound as NoCharacter
from domain.characters.use_cases.add_reference_images import add_reference_images
from domain.identifiers import CharacterId


@strawberry.type(description="The pictures are the character's, and are being read.")
class ReferenceImagesAdded:
    """Success."""

    character: Character = strawberry.field(description="The character, learning again.")
    images: list[CharacterImage] = strawberry.field(description="The new pictures, in the order given.")


AddReferenceImagesResult = Annotated[
    ReferenceImagesAdded
    | CharacterNotFound
    | UploadNotFound
    | UploadAlreadyUsed
    | UploadNotPut
    | UploadMismatch
    | TooManyImages,
    strawberry.union("AddReferenceImagesResult", description="What adding pictures can come to."),
]


@strawberry.input(description="More pictures of a character.")
class AddReferenceImagesInput:
    """The input of addReferenceImages."""

    character_id: strawberry.ID = strawberry.field(description="The character.")
    upload_ids: list[strawberry.ID] = strawberry.field(
        description="Uploads whose bytes were put; a character holds at most 50 pictures."
    )


@strawberry.type
class AddReferenceImages:
    """The mutation addReferenceImages."""

    @strawberry.mutation(description="Give a character more pictures. All are added, or none.", extensions=[EDITOR])
    async def add_reference_images(
        self,
        info: Info,
        given: Annotated[AddReferenceImagesInput, strawberry.argument(name="input", description="The pictures.")],
    ) -> AddReferenceImagesResult:
        context = info.context
        key = CharacterId(local_id("Character", given.character_id, field="characterId"))
        try:
            # Looked up before the bytes are received: for a character that is not there nothing shall be stored.
            await load_character(info, key)
            upload_ids = await receive(context, given.upload_ids)
            async with context.work() as work:
                character, images = await add_reference_images(
                    work, character_id=key, upload_ids=upload_ids, now=context.now()
                )
        except NoCharacter as fact:
            return CharacterNotFound(message=fact.message)
        except UPLOAD_FACTS as fact:
            return told_as(fact)
        return ReferenceImagesAdded(
            character=present_character(character), images=[present_image(image) for image in images]
        )
