"""Create a character from texts and uploaded pictures."""

from collections.abc import Sequence
from datetime import datetime

from domain.characters import events
from domain.characters.models import Character, CharacterState, CharacterTexts
from domain.characters.ports import CharacterWork
from domain.characters.use_cases.take_in import refuse_too_many, take_in
from domain.identifiers import CharacterId, UploadId, WorkspaceId


async def create_character(
    work: CharacterWork,
    *,
    workspace_id: WorkspaceId,
    texts: CharacterTexts,
    upload_ids: Sequence[UploadId] = (),
    now: datetime,
) -> Character:
    """Write the character, its images, a job for each and the events of it all, in one transaction.

    Without pictures it needs attention, else it is learning. Raises TooManyImages, and whatever claiming an upload
    raises (UploadNotFound, UploadAlreadyClaimed, UploadNotReceived).
    """
    wanted = tuple(dict.fromkeys(upload_ids))
    refuse_too_many(len(wanted))
    character = Character(
        id=CharacterId(work.new_id()),
        workspace_id=workspace_id,
        texts=texts,
        state=CharacterState.LEARNING if wanted else CharacterState.NEEDS_ATTENTION,
        created_at=now,
        updated_at=now,
    )
    await work.characters.add(character)
    await work.events.append(events.character_created(character, len(wanted)))
    await take_in(work, character=character, upload_ids=wanted, first_position=0, now=now)
    return character
