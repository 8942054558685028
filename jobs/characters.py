"""The jobs of characters: read a picture, calibrate an identity, take in what training an adapter came to."""

from datetime import datetime
from uuid import UUID

from bootstrap.container import Container, Work
from bootstrap.identity import spaces_of
from contracts.commands import AdapterTrained, EmbedFigures, FiguresEmbedded, SuiteScores
from domain.characters.adapters import AdapterScores, CurvePoint, Learned
from domain.characters.identity import require_weights, vector_of_worker
from domain.characters.tasks import CALIBRATE, EMBED_PICTURES, INGEST_IMAGE, LEARN_SPACE, TRAIN_ADAPTER
from domain.characters.use_cases.calibrate_identity import calibrate_identity, give_up_calibration
from domain.characters.use_cases.ingest_image import ingest_image
from domain.characters.use_cases.learn_space import keep_vectors, learn_space, seek_space
from domain.characters.use_cases.record_adapter import fail_adapter, record_adapter
from domain.characters.use_cases.record_image import ImageRejected, record_image
from domain.errors import Invalid
from domain.events import Json
from domain.identifiers import AdapterId, CharacterId, ImageId
from domain.jobs.models import ClaimedJob, EndedJob, FinishedJob, Priority
from jobs.batches import in_batches
from jobs.context import JobContext
from jobs.registry import Registry

# The code of a picture that the lab could not read for reasons of its own.
UNREADABLE = "unreadable"
# How many characters are asked to be known in another space at once.
CHARACTERS_SOUGHT_MAX = 200
VECTORS_FORGOTTEN_MAX = 1000

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
        if (space := spaces_of(context.services.settings.identity).wanted) is not None:
            character_id = CharacterId(identifier(job.payload["character_id"]))
            await seek_space(work, character_id=character_id, space=space, priority=Priority.INTERACTIVE)


@tasks.on_finished(EMBED_PICTURES)
async def pictures_embedded(work: Work, job: FinishedJob, now: datetime) -> None:  # noqa: ARG001 - as for every end
    """A worker has embedded pictures of a character: keep the vectors, and learn from them."""
    told = FiguresEmbedded.model_validate(job.result)
    embedding = EmbedFigures.model_validate(job.payload["command"], strict=False)
    if {each.picture for each in told.figures} != {each.picture for each in embedding.pictures}:
        raise Invalid("The worker has embedded other pictures than it was asked for.")
    space = str(job.payload["space"])
    require_weights(space, measured=str(job.payload.get("weights", "")), served=told.engine_version)
    dimensions = whole(job.payload["dimensions"])
    vectors = {
        ImageId(UUID(each.picture)): vector_of_worker(each.vector, dimensions=dimensions) for each in told.figures
    }
    character_id = CharacterId(identifier(job.payload["character_id"]))
    await keep_vectors(work, character_id=character_id, space=space, vectors=vectors, job_id=job.id)


@tasks.task(LEARN_SPACE)
async def learn_in_space(context: JobContext, job: ClaimedJob) -> None:
    """Calibrate a character in a worker's space from the vectors that there are."""
    profile = spaces_of(context.services.settings.identity).profile_of(str(job.payload["space"]))
    async with context.finishing() as work:
        await learn_space(
            work,
            character_id=CharacterId(identifier(job.payload["character_id"])),
            revision=whole(job.payload["revision"]),
            profile=profile,
            now=context.now(),
        )


async def seek_spaces(services: Container) -> int:
    """Have every character known in the wanted space, some at a time, and forget what nobody goes by any more.

    What failed is asked for again an hour later.
    """
    spaces, turn = spaces_of(services.settings.identity), services.now().strftime("%Y-%m-%dT%H")
    async with services.system_work() as work:
        await work.worker_spaces.forget_others([profile.space for profile in spaces.by_workers])
        if (wanted := spaces.wanted) is None:
            return 0
        lacking = await work.worker_spaces.lacking(wanted, limit=CHARACTERS_SOUGHT_MAX)
    asked = 0
    for workspace_id, character_id in lacking:
        async with services.system_work(workspace_id) as work:
            asked += await seek_space(work, character_id=character_id, space=wanted, priority=Priority.BULK, turn=turn)
    return asked


async def forget_vectors(services: Container) -> int:
    """Forget the vectors of spaces that the lab is not set to any more; answer how many."""
    spaces = [profile.space for profile in spaces_of(services.settings.identity).by_workers]

    async def some() -> int:
        async with services.system_work() as work:
            return await work.worker_spaces.forget_vectors(spaces, limit=VECTORS_FORGOTTEN_MAX)

    return await in_batches(some, at_once=VECTORS_FORGOTTEN_MAX)


@tasks.on_failed(CALIBRATE)
async def not_calibrated(work: Work, job: EndedJob, now: datetime) -> None:
    """Let the character need attention, so that nobody waits for it for ever."""
    await give_up_calibration(
        work,
        character_id=CharacterId(identifier(job.payload["character_id"])),
        revision=whole(job.payload["revision"]),
        now=now,
    )


@tasks.on_finished(TRAIN_ADAPTER)
async def adapter_trained(work: Work, job: FinishedJob, now: datetime) -> None:
    """A worker has trained a version: keep it, and use it where its scores allow."""
    told = AdapterTrained.model_validate(job.result)
    await record_adapter(
        work,
        adapter_id=AdapterId(identifier(job.payload["adapter_id"])),
        learned=learned_of(told),
        without=scores_without(told),
        objects=job.objects,
        now=now,
    )


@tasks.on_failed(TRAIN_ADAPTER)
async def adapter_not_trained(work: Work, job: EndedJob, now: datetime) -> None:
    adapter_id = AdapterId(identifier(job.payload["adapter_id"]))
    await fail_adapter(work, adapter_id=adapter_id, reason=job.failure_message, now=now)


def learned_of(told: AdapterTrained) -> Learned:
    present = told.present_scores
    return Learned(
        steps=told.steps,
        is_stopped_early=told.is_stopped_early,
        curve=tuple(CurvePoint(point.step, point.loss, point.identity) for point in told.curve),
        scores=scores_of(told.scores),
        base=told.base,
        engine_version=told.engine_version,
        present_scores=None if present is None else scores_of(present),
    )


def scores_of(told: SuiteScores) -> AdapterScores:
    return AdapterScores(told.identity, told.prompt, told.purity)


def scores_without(told: AdapterTrained) -> AdapterScores:
    """What the worker noted of the suite without an adapter, which changes nothing; 0 where it noted nothing."""
    identity, prompt = (told.notes.get(name) for name in ("base_identity", "base_prompt"))
    return AdapterScores(
        float(identity) if isinstance(identity, int | float) else 0.0,
        float(prompt) if isinstance(prompt, int | float) else 0.0,
        1.0,
    )


def identifier(written: Json) -> UUID:
    """Read an identifier from a payload; raises ValueError for anything else, which is our bug."""
    return UUID(str(written))


def whole(written: Json) -> int:
    """Read a whole number from a payload; raises TypeError for anything else, which is our bug."""
    if not isinstance(written, int):
        raise TypeError(f"{written!r} is no whole number")
    return written
