"""The background work that characters ask for: names, keys and payloads of their jobs."""

from collections.abc import Mapping, Sequence

from domain.characters.adapters import AdapterVersion
from domain.characters.models import Character, CharacterImage
from domain.events import Json
from domain.identifiers import JobId
from domain.jobs.models import JobInput, NewJob, Priority, Queue

INGEST_IMAGE = "characters.ingest_image"
CALIBRATE = "characters.calibrate"
TRAIN_ADAPTER = "characters.train_adapter"
ADAPTER_PART = "adapter:"
# A step of Stable Diffusion at 512 pixels on a card of the middle class, and what is done before and after all steps.
SECONDS_PER_STEP, SECONDS_AROUND = 0.5, 120.0
DEADLINE_SECONDS_MIN, DEADLINE_TIMES = 7200.0, 12


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


def train_job(adapter: AdapterVersion, *, command: Mapping[str, Json], inputs: Sequence[JobInput]) -> NewJob:
    """Answer the job that trains one version; its deadline leaves room for cards that are many times slower."""
    estimated = SECONDS_AROUND + SECONDS_PER_STEP * adapter.plan.steps_max
    return NewJob(
        id=adapter.job_id,
        workspace_id=adapter.workspace_id,
        kind=TRAIN_ADAPTER,
        queue=Queue.GPU,
        payload={
            "adapter_id": str(adapter.id),
            "character_id": str(adapter.character_id),
            "command": dict(command),
            "progress": {"part": f"{ADAPTER_PART}{adapter.id}"},
        },
        inputs=inputs,
        subject_id=adapter.character_id,
        priority=Priority.BULK,
        idempotency_key=f"{TRAIN_ADAPTER}:{adapter.id}",
        deadline_seconds=max(DEADLINE_SECONDS_MIN, DEADLINE_TIMES * estimated),
        estimated_seconds=estimated,
    )
