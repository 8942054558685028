"""The mutation removeReferenceImage."""

from typing import Annotated

import strawberry

from api.characters.refusals import CharacterBeingFilmed
from api.characters.types import Character, present_character
from api.context import Info
from api.node import local_id
from api.permissions import EDITOR
from api.results import Refusal
from domain.characters.errors import CharacterBeingFilmed as BeingFilmed
from domain.characters.errors import ImageNotFound as NoImage
from domain.characters.use_cases.remove_reference_image import remove_reference_image
from domain.identifiers import ImageId


@strawberry.type(description="The picture is gone, and the character learns from those that are left.")
class ReferenceImageRemoved:
    """Success."""

    character: Character = strawberry.field(description="The character without the picture.")


@strawberry.type(description="There is no such picture; perhaps it was removed.")
class ImageNotFound(Refusal):
    """A fact."""


RemoveReferenceImageResult = Annotated[
    ReferenceImageRemoved | ImageNotFound | CharacterBeingFilmed,
    strawberry.union("RemoveReferenceImageResult", description="What removing a picture can come to."),
]


@strawberry.type
class RemoveReferenceImage:
    """The mutation removeReferenceImage."""

    @strawberry.mutation(description="Take a picture away from its character.", extensions=[EDITOR])
    async def remove_reference_image(
        self, info: Info, image_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The picture.")]
    ) -> RemoveReferenceImageResult:
        key = ImageId(local_id("CharacterImage", image_id))
        try:
            async with info.context.work() as work:
                character = await remove_reference_image(work, image_id=key, now=info.context.now())
        except NoImage as fact:
            return ImageNotFound(message=fact.message)
        except BeingFilmed as fact:
            return CharacterBeingFilmed.of(fact)
        return ReferenceImageRemoved(character=present_character(character))
