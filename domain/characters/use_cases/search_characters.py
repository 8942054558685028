"""Find characters: by words, by a picture, by another character."""

from collections.abc import Sequence
from datetime import datetime

from domain.characters.errors import CharacterNotFound, CharacterNotLearned, NothingToSearchFor
from domain.characters.identity import PictureReading
from domain.characters.ports import Centre, CharacterReads, CharacterTransactions, CharacterWork, Neighbour, TextMatch
from domain.characters.search_terms import query_of
from domain.characters.use_cases.ingest_image import IngestTools
from domain.errors import Invalid, NotFound
from domain.identifiers import CharacterId, UploadId, WorkspaceId
from domain.media.errors import UploadMissing, UploadNotFound
from domain.media.models import Upload

RESULTS_MAX = 100


def checked_limit(limit: int) -> int:
    """Answer the limit; raises Invalid unless it is between 1 and 100."""
    if not 1 <= limit <= RESULTS_MAX:
        raise Invalid(f"Ask for between 1 and {RESULTS_MAX} characters.", field="first")
    return limit


async def search_by_text(reads: CharacterReads, *, text: str, limit: int) -> Sequence[TextMatch]:
    """Answer the characters whose name, aliases or description hold the words, best first; misspelt names are found.

    Raises NothingToSearchFor when there is no word in the text.
    """
    query = query_of(text)
    if query.is_empty:
        raise NothingToSearchFor("There is no word to search for.", field="text")
    return await reads.search_text(query, limit=checked_limit(limit))


async def look_at_upload(
    begin: CharacterTransactions, *, tools: IngestTools, workspace_id: WorkspaceId, upload_id: UploadId, now: datetime
) -> Centre:
    """Answer where the figure of an uploaded picture lies in the embedding space; the upload stays unused.

    No transaction is open while the picture is read, and only so many are fetched and read at once in a process. Raises
    UploadNotFound, UploadMissing, PictureRefused, and NothingToSearchFor when there is no figure in the picture.
    """
    async with begin() as work:
        upload = await work.uploads.find(workspace_id, upload_id)
    if upload is None or not upload.is_open(now):
        raise UploadNotFound("There is no such upload, or it has expired.", field="uploadId")
    async with tools.store.turn():
        reading = await _read(tools, upload)
    if reading.vector is None:
        raise NothingToSearchFor("There is no figure in the picture.", field="uploadId")
    return Centre(reading.space.key, reading.vector)


async def _read(tools: IngestTools, upload: Upload) -> PictureReading:
    """Hold the bytes of one picture, no longer than its turn lasts."""
    try:
        content = await tools.store.read(upload.key, bytes_max=upload.content.size_bytes)
    except NotFound:
        raise UploadMissing("The bytes of the upload have not been put yet.", field="uploadId") from None
    picture = await tools.pictures.read(content)
    return await tools.figures.read(picture.working)


async def search_by_picture(work: CharacterWork, *, seen: Centre, limit: int) -> Sequence[Neighbour]:
    """Answer the characters nearest to what `look_at_upload` saw."""
    return await work.identities.nearest(seen, limit=checked_limit(limit))


async def search_by_character(work: CharacterWork, *, character_id: CharacterId, limit: int) -> Sequence[Neighbour]:
    """Answer the other characters nearest to one. Raises CharacterNotFound, CharacterNotLearned."""
    if await work.characters.find(character_id) is None:
        raise CharacterNotFound("There is no such character.", field="id")
    centre = await work.identities.centre_of(character_id)
    if centre is None:
        raise CharacterNotLearned("Nothing is known yet of how this character looks.", field="id")
    near = await work.identities.nearest(centre, limit=checked_limit(limit) + 1)
    return [each for each in near if each.character_id != character_id][:limit]
