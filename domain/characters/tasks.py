"""The background work that characters ask for: names, keys and payloads of their jobs."""

from collections.abc import Mapping, Sequence

from domain.characters.adapters import AdapterVersion
from domain.characters.identity import EmbeddingSpace
from domain.characters.models import Character, CharacterImage
from domain.events import Json
from domain.identifiers import ImageId, JobId, ObjectId
from domain.jobs.models import JobInput, NewJob, Priority, Queue

INGEST_IMAGE = "characters.ingest_image"
CALIBRATE = "characters.calibrate"
TRAIN_ADAPTER = "characters.train_adapter"
EMBED_PICTURES = "characters.embed_pictures"
LEARN_SPACE = "characters.learn_space"
ADAPTER_PART = "adapter:"
# A step of Stable Diffusion at 512 pixels on a card of the middle class, and what is done before and after all steps.
SECONDS_PER_STEP, SECONDS_AROUND = 0.5, 120.0
DEADLINE_SECONDS_MIN, DEADLINE_TIMES = 7200.0, 12
EMBED_SECONDS_AROUND, EMBED_SECONDS_PER_PICTURE = 2.0, 0.2


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


def embed_job(
    character: Character,
    pictures: Mapping[ImageId, ObjectId],
    *,
    space: EmbeddingSpace,
    job_id: JobId,
    priority: Priority,
    turn: str,
) -> NewJob:
    """Answer the job in which a worker embeds these cut-outs; one a revision and `turn`."""
    command: dict[str, Json] = {
        "kind": "embed_figures",
        "version": 2,
        "engine": space.key,
        "pictures": [{"picture": str(image_id)} for image_id in pictures],
    }
    return NewJob(
        id=job_id,
        workspace_id=character.workspace_id,
        kind=EMBED_PICTURES,
        queue=Queue.GPU,
        payload={
            "character_id": str(character.id),
            "space": space.key,
            "dimensions": space.dimensions,
            "weights": space.weights,
            "command": command,
        },
        inputs=[JobInput(str(image_id), object_id) for image_id, object_id in pictures.items()],
        subject_id=character.id,
        priority=priority,
        idempotency_key=f"{EMBED_PICTURES}:{character.id}:{space.key}:{character.revision}:{turn}",
        estimated_seconds=EMBED_SECONDS_AROUND + EMBED_SECONDS_PER_PICTURE * len(pictures),
        affinity=space.key,
        deadline_seconds=DEADLINE_SECONDS_MIN,
    )


def learn_space_job(character: Character, *, space: str, job_id: JobId, turn: str) -> NewJob:
    """Answer the job that learns a character in a worker's space from the vectors that there are."""
    return NewJob(
        id=job_id,
        workspace_id=character.workspace_id,
        kind=LEARN_SPACE,
        queue=Queue.INTERNAL,
        payload={"character_id": str(character.id), "revision": character.revision, "space": space},
        subject_id=character.id,
        idempotency_key=f"{LEARN_SPACE}:{character.id}:{space}:{character.revision}:{turn}",
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
