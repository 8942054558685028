"""Have a character learned anew once all its pictures are read."""

from datetime import datetime

from domain.characters import events
from domain.characters.duplicates import duplicates_among
from domain.characters.models import Character
from domain.characters.ports import CharacterWork
from domain.characters.tasks import calibrate_job
from domain.identifiers import JobId


async def relearn(work: CharacterWork, *, character: Character, now: datetime) -> Character:
    """Mark duplicates anew, raise the revision, and ask for a calibration of it unless pictures are still to be read.

    The caller holds the character's row, so of several pictures read at once the last asks, and only that one.
    """
    changed = character.with_pictures_changed(now=now)
    await work.characters.save(changed)
    await _mark_duplicates(work, changed)
    images = await work.characters.images_of(character.id)
    if all(image.state.is_final for image in images):
        await work.jobs.enqueue(calibrate_job(changed, job_id=JobId(work.new_id())))
    return changed


async def _mark_duplicates(work: CharacterWork, character: Character) -> None:
    images = await work.characters.images_of(character.id)
    originals = duplicates_among(images)
    for image in images:
        original = originals.get(image.id)
        if original == image.duplicate_of:
            continue
        await work.characters.save_image(image.as_duplicate_of(original))
        if original is not None:
            await work.events.append(events.duplicate_found(character, image.id, original))
