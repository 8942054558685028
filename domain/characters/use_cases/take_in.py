"""Make uploads the images of a character, each with the job that will read it."""

from collections.abc import Sequence
from datetime import datetime

from domain.characters import events
from domain.characters.errors import TooManyImages
from domain.characters.models import IMAGES_MAX, Character, CharacterImage, ImageType
from domain.characters.ports import CharacterWork
from domain.characters.tasks import ingest_job
from domain.identifiers import ImageId, JobId, UploadId
from domain.media.use_cases import claim_upload


def refuse_too_many(images: int) -> None:
    """Raise TooManyImages when a character would hold more pictures than it may."""
    if images > IMAGES_MAX:
        raise TooManyImages(f"A character holds at most {IMAGES_MAX} pictures.", field="uploadIds")


async def take_in(
    work: CharacterWork,
    *,
    character: Character,
    upload_ids: Sequence[UploadId],
    first_position: int,
    now: datetime,
) -> Sequence[CharacterImage]:
    """Claim the uploads and write images, jobs and events; the caller holds the character. Raises as claim_upload."""
    # Claimed in the order of their ids, so that two requests over the same uploads cannot wait for each other.
    sources = {
        upload_id: await claim_upload(work, workspace_id=character.workspace_id, upload_id=upload_id, now=now)
        for upload_id in sorted(upload_ids)
    }
    images = [
        CharacterImage(
            id=ImageId(work.new_id()),
            workspace_id=character.workspace_id,
            character_id=character.id,
            type=ImageType.REFERENCE,
            position=first_position + offset,
            source_id=sources[upload_id].id,
            created_at=now,
        )
        for offset, upload_id in enumerate(upload_ids)
    ]
    await work.characters.add_images(images)
    for image in images:
        await work.jobs.enqueue(ingest_job(image, job_id=JobId(work.new_id())))
        await work.events.append(events.image_added(character, image))
    return images
