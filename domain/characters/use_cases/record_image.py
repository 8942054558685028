"""Write down what reading a picture came to."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.characters import events
from domain.characters.identity import Vector
from domain.characters.models import Character, CharacterImage, PictureFacts, WorkingCopies
from domain.characters.ports import CharacterWork
from domain.characters.use_cases.delete_character import release_objects
from domain.characters.use_cases.relearn import relearn
from domain.identifiers import ImageId
from domain.media.use_cases import hold_object


@dataclass(frozen=True, slots=True)
class ImageRead:
    """A picture that was taken: its copies, stored already, and what was measured on it."""

    copies: WorkingCopies
    facts: PictureFacts
    vector: Vector | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ImageRejected:
    """A picture that was not taken, and why, as a code such as `too_many_pixels`."""

    code: str


ImageOutcome = ImageRead | ImageRejected


async def record_image(work: CharacterWork, *, image_id: ImageId, outcome: ImageOutcome, now: datetime) -> None:
    """Write the outcome, tell of it, and have the character learned when this was its last picture to be read.

    An image that is gone or was read before is left alone, so a job may run twice. Raises ObjectBeingSwept when a copy
    is to be stored again.
    """
    found = await _pending(work, image_id)
    if found is None:
        return
    character, image = found
    if isinstance(outcome, ImageRejected):
        refused = image.refused(outcome.code)
        await work.characters.save_image(refused)
        await work.events.append(events.image_refused(character, refused))
    else:
        await _accept(work, character, image, outcome)
    await release_objects(work, [image], now=now)
    await relearn(work, character=character, now=now)


async def _pending(work: CharacterWork, image_id: ImageId) -> tuple[Character, CharacterImage] | None:
    seen = await work.characters.find_image(image_id)
    character = None if seen is None else await work.characters.lock(seen.character_id)
    # Read again under the lock: the other run of this job may have been faster.
    image = await work.characters.find_image(image_id)
    if character is None or image is None or image.state.is_final:
        return None
    return character, image


async def _accept(work: CharacterWork, character: Character, image: CharacterImage, outcome: ImageRead) -> None:
    for object_id in sorted(outcome.copies.object_ids):
        await hold_object(work, workspace_id=image.workspace_id, object_id=object_id)
    accepted = image.accepted(outcome.copies, outcome.facts)
    await work.characters.save_image(accepted)
    if outcome.vector is not None:
        await work.identities.keep_vector(image.id, outcome.vector)
    await work.events.append(events.image_ingested(character, accepted))
