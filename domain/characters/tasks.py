"""The background work that characters ask for: names, keys and payloads of their jobs."""

from domain.characters.models import Character, CharacterImage
from domain.identifiers import JobId
from domain.jobs.models import NewJob, Priority, Queue

INGEST_IMAGE = "characters.ingest_image"
CALIBRATE = "characters.calibrate"


def ingest_job(image: CharacterImage, *, job_id: JobId) -> NewJob:
    """Answer the job that reads one image; a second one of the same image is not written."""
    return NewJob(
        id=job_id,
        workspace_id=image.workspace_id,
        kind=INGEST_IMAGE,
        queue=Queue.INTERNAL,
        payload={"image_id": str(image.id)},
        subject_id=image.character_id,
        priority=Priority.INTERACTIVE,
        idempotency_key=f"{INGEST_IMAGE}:{image.id}",
        deadline_seconds=120.0,
        estimated_seconds=1.0,
    )


def calibrate_job(character: Character, *, job_id: JobId) -> NewJob:
    """Answer the job that learns a character as its pictures are now; one a revision."""
    return NewJob(
        id=job_id,
        workspace_id=character.workspace_id,
        kind=CALIBRATE,
        queue=Queue.INTERNAL,
        payload={"character_id": str(character.id), "revision": character.revision},
        subject_id=character.id,
        priority=Priority.INTERACTIVE,
        idempotency_key=f"{CALIBRATE}:{character.id}:{character.revision}",
        deadline_seconds=60.0,
        estimated_seconds=0.5,
    )
