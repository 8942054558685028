"""The jobs of characters: read a picture, calibrate an identity."""

from datetime import datetime
from uuid import UUID

from bootstrap.container import Work
from domain.characters.tasks import CALIBRATE, INGEST_IMAGE
from domain.characters.use_cases.calibrate_identity import calibrate_identity, give_up_calibration
from domain.characters.use_cases.ingest_image import ingest_image
from domain.characters.use_cases.record_image import ImageRejected, record_image
from domain.events import Json
from domain.identifiers import CharacterId, ImageId
from domain.jobs.models import ClaimedJob, EndedJob
from jobs.context import JobContext
from jobs.registry import Registry

# The code of a picture that the lab could not read for reasons of its own.
UNREADABLE = "unreadable"

tasks = Registry()


@tasks.task(INGEST_IMAGE)
async def read_image(context: JobContext, job: ClaimedJob) -> None:
    """Read one uploaded picture; the last of its character's asks for the calibration."""
    image_id = ImageId(identifier(job.payload["image_id"]))
    outcome = await ingest_image(
        context.work, tools=context.services.ingest_tools, image_id=image_id, now=context.now()
    )
    if outcome is not None:
        async with context.finishing() as work:
            await record_image(work, image_id=image_id, outcome=outcome, now=context.now())


@tasks.on_failed(INGEST_IMAGE)
async def image_not_read(work: Work, job: EndedJob, now: datetime) -> None:
    """Refuse the picture, so that its character does not wait for it for ever."""
    image_id = ImageId(identifier(job.payload["image_id"]))
    await record_image(work, image_id=image_id, outcome=ImageRejected(UNREADABLE), now=now)


@tasks.task(CALIBRATE)
async def calibrate(context: JobContext, job: ClaimedJob) -> None:
    """Learn a character from its pictures as they were when this was asked for."""
    async with context.finishing() as work:
        await calibrate_identity(
            work,
            character_id=CharacterId(identifier(job.payload["character_id"])),
            revision=whole(job.payload["revision"]),
            profile=context.services.figures.profile,
            now=context.now(),
        )


@tasks.on_failed(CALIBRATE)
async def not_calibrated(work: Work, job: EndedJob, now: datetime) -> None:
    """Let the character need attention, so that nobody waits for it for ever."""
    await give_up_calibration(
        work,
        character_id=CharacterId(identifier(job.payload["character_id"])),
        revision=whole(job.payload["revision"]),
        now=now,
    )


def identifier(written: Json) -> UUID:
    """Read an identifier from a payload; raises ValueError for anything else, which is our bug."""
    return UUID(str(written))


def whole(written: Json) -> int:
    """Read a whole number from a payload; raises TypeError for anything else, which is our bug."""
    if not isinstance(written, int):
        raise TypeError(f"{written!r} is no whole number")
    return written
