"""Give a character more pictures."""

from collections.abc import Sequence
from datetime import datetime

from domain.characters.errors import CharacterNotFound
from domain.characters.models import Character, CharacterImage
from domain.characters.ports import CharacterWork
from domain.characters.use_cases.take_in import refuse_too_many, take_in
from domain.errors import Invalid
from domain.identifiers import CharacterId, UploadId


async def add_reference_images(
    work: CharacterWork, *, character_id: CharacterId, upload_ids: Sequence[UploadId], now: datetime
) -> tuple[Character, Sequence[CharacterImage]]:
    """Write the images behind those that are there; the character learns again when the last of them is read.

    Raises CharacterNotFound, TooManyImages, Invalid for no uploads, and whatever claiming an upload raises.
    """
    wanted = tuple(dict.fromkeys(upload_ids))
    if not wanted:
        raise Invalid("Give at least one upload.", field="uploadIds")
    character = await work.characters.lock(character_id)
    if character is None:
        raise CharacterNotFound("There is no such character.", field="id")
    present = await work.characters.images_of(character_id)
    refuse_too_many(len(present) + len(wanted))
    changed = character.with_pictures_changed(now=now)
    await work.characters.save(changed)
    position = max((image.position for image in present), default=-1) + 1
    images = await take_in(work, character=changed, upload_ids=wanted, first_position=position, now=now)
    return changed, images
