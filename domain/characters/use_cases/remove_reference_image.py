"""Take a picture away from a character."""

from datetime import datetime

from domain.characters import events
from domain.characters.errors import CharacterBeingFilmed, CharacterNotFound, ImageNotFound
from domain.characters.models import Character
from domain.characters.ports import CharacterWork
from domain.characters.use_cases.delete_character import release_objects
from domain.characters.use_cases.relearn import relearn
from domain.identifiers import ImageId


async def remove_reference_image(work: CharacterWork, *, image_id: ImageId, now: datetime) -> Character:
    """Remove the image with its vector and files; the character learns again from those that are left.

    Raises ImageNotFound, CharacterBeingFilmed.
    """
    seen = await work.characters.find_image(image_id)
    character = None if seen is None else await work.characters.lock(seen.character_id)
    # Read again under the lock: a job may have read the picture, and given it copies, a moment ago.
    image = await work.characters.find_image(image_id)
    if image is None:
        raise ImageNotFound("There is no such picture.", field="imageId")
    if character is None:
        raise CharacterNotFound("There is no such character.")
    if render_ids := await work.characters.filmed_by(character.id):
        raise CharacterBeingFilmed(character.name, render_ids=render_ids)
    await work.characters.remove_image(image_id)
    await release_objects(work, [image], now=now)
    await work.events.append(events.image_removed(character, image))
    return await relearn(work, character=character, now=now)
