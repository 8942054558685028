"""Delete a character with everything that was made of it."""

from collections.abc import Sequence
from datetime import datetime

from domain.characters import events
from domain.characters.adapters import AdapterVersion
from domain.characters.errors import CharacterBeingFilmed, CharacterNotFound
from domain.characters.models import Character, CharacterImage
from domain.characters.ports import CharacterWork
from domain.identifiers import CharacterId
from domain.media.use_cases import release_object


async def delete_character(work: CharacterWork, *, character_id: CharacterId, now: datetime) -> Character:
    """Remove rows, vectors, adapters and warnings, stop its jobs and let its objects go, which the sweep then removes.

    Films that were made stay. Raises CharacterNotFound, CharacterBeingFilmed.
    """
    await work.identities.await_calibrations()
    character = await work.characters.lock(character_id)
    if character is None:
        raise CharacterNotFound("There is no such character.", field="id")
    if render_ids := await work.characters.filmed_by(character_id):
        raise CharacterBeingFilmed(character.name, render_ids=render_ids)
    images = await work.characters.images_of(character_id)
    adapters = await work.adapters.versions_of(character_id)
    await work.characters.remove(character_id)
    await release_objects(work, [*images, *adapters], now=now)
    await work.events.append(events.character_deleted(character))
    # Rows of jobs are locked last, after those of the business, by everybody.
    await work.jobs.cancel_subject(character_id, "The character was deleted.")
    return character


async def release_objects(
    work: CharacterWork, holders: Sequence[CharacterImage | AdapterVersion], *, now: datetime
) -> None:
    """Let go of everything that they held, in the order of ids so that no two transactions wait in a ring."""
    held = sorted((object_id, each.workspace_id) for each in holders for object_id in each.object_ids)
    for object_id, workspace_id in held:
        await release_object(work, workspace_id=workspace_id, object_id=object_id, now=now)
