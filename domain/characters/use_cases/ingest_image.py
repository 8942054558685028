"""Read an uploaded picture: check it, copy it, cut the figure out, measure and embed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.characters.identity import PictureReading
from domain.characters.identity_ports import PictureReader as FigureReader
from domain.characters.models import CharacterImage, PictureFacts, WorkingCopies
from domain.characters.ports import CharacterTransactions
from domain.characters.use_cases.record_image import ImageOutcome, ImageRead, ImageRejected
from domain.identifiers import ImageId, ObjectId
from domain.media.errors import PictureRefused
from domain.media.models import Picture, StoredObject
from domain.media.policies import UPLOAD_BYTES_MAX
from domain.media.ports import ObjectStore, PictureReader
from domain.media.use_cases import describe_object, store_content

CUT_OUT_TYPE = "image/png"


@dataclass(frozen=True, slots=True)
class IngestTools:
    """What reading a picture takes: the bytes' store, the reader that trusts nothing, the reader that knows figures."""

    store: ObjectStore
    pictures: PictureReader
    figures: FigureReader


async def ingest_image(
    begin: CharacterTransactions, *, tools: IngestTools, image_id: ImageId, now: datetime
) -> ImageOutcome | None:
    """Answer what reading the picture comes to, with its copies stored, for `record_image` to write down.

    No transaction is open while bytes move or the figure is cut. None means that there is nothing to do: the image is
    gone or was read before. Doing it again gives the same answer, object for object. Raises Unavailable, NotFound when
    the uploaded bytes are gone.
    """
    found = await _source(begin, image_id)
    if found is None:
        return None
    image, source = found
    uploaded = await tools.store.read(source.key, bytes_max=UPLOAD_BYTES_MAX)
    try:
        picture = await tools.pictures.read(uploaded)
    except PictureRefused as refused:
        return ImageRejected(refused.reason.value)
    reading = await tools.figures.read(picture.working)
    copies = await _store_copies(begin, tools.store, image, (picture, reading), now)
    return ImageRead(copies, _facts(picture, reading), reading.vector)


async def _source(begin: CharacterTransactions, image_id: ImageId) -> tuple[CharacterImage, StoredObject] | None:
    async with begin() as work:
        image = await work.characters.find_image(image_id)
        if image is None or image.source_id is None:
            return None
        source = await work.objects.find(image.workspace_id, image.source_id)
    return None if source is None else (image, source)


async def _store_copies(
    begin: CharacterTransactions,
    store: ObjectStore,
    image: CharacterImage,
    made: tuple[Picture, PictureReading],
    now: datetime,
) -> WorkingCopies:
    picture, reading = made
    files = {
        "working": (picture.working, picture.working_type.value),
        "thumbnail": (picture.thumbnail, picture.thumbnail_type.value),
        "cut_out": (reading.cut_out_png, CUT_OUT_TYPE),
    }
    ids = await _new_ids(begin, files)
    stored: dict[str, ObjectId] = {}
    for name, (content, content_type) in files.items():
        described = describe_object(
            content, object_id=ids[name], workspace_id=image.workspace_id, content_type=content_type, now=now
        )
        stored[name] = (await store_content(begin, store=store, stored=described, content=content)).id
    return WorkingCopies(stored["working"], stored["thumbnail"], stored["cut_out"])


async def _new_ids(begin: CharacterTransactions, names: Mapping[str, object]) -> dict[str, ObjectId]:
    async with begin() as work:
        fresh: list[UUID] = [work.new_id() for _ in names]
    return {name: ObjectId(each) for name, each in zip(names, fresh, strict=True)}


def _facts(picture: Picture, reading: PictureReading) -> PictureFacts:
    return PictureFacts(
        width_pixels=picture.width,
        height_pixels=picture.height,
        faults=reading.faults,
        perceptual_hash=reading.perceptual_hash,
        cut_out_method=reading.cut_out_method,
        cut_out_confidence=reading.cut_out_confidence,
        space=reading.space.key,
        is_embedded=reading.vector is not None,
        view=reading.view,
    )
