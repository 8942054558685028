"""Characters and what hangs on them, in batches."""

from collections.abc import Mapping, Sequence

from api.context import Batch
from api.work import Work
from domain.characters.adapters import AdapterVersion
from domain.characters.models import Character, CharacterImage
from domain.characters.ports import LookAlikeWarning
from domain.characters.spaces import SpaceIdentity
from domain.identifiers import AdapterId, CharacterId
from domain.paging import Page, PageRequest

PageKey = tuple[CharacterId, PageRequest]


async def fetch_characters(work: Work, keys: Sequence[CharacterId]) -> Mapping[CharacterId, Character]:
    return await work.character_reads.find_many(keys)


async def fetch_images(work: Work, keys: Sequence[CharacterId]) -> Mapping[CharacterId, Sequence[CharacterImage]]:
    return await work.character_reads.images_of_many(keys)


async def fetch_look_alikes(
    work: Work, keys: Sequence[CharacterId]
) -> Mapping[CharacterId, Sequence[LookAlikeWarning]]:
    return await work.character_reads.look_alikes_of_many(keys)


async def fetch_adapters(work: Work, keys: Sequence[AdapterId]) -> Mapping[AdapterId, AdapterVersion]:
    return await work.adapters.find_many(keys)


async def fetch_adapter_pages(work: Work, keys: Sequence[PageKey]) -> Mapping[PageKey, Page[AdapterVersion]]:
    found: dict[PageKey, Page[AdapterVersion]] = {}
    for request in dict.fromkeys(request for _, request in keys):
        pages = await work.adapters.pages([key for key, asked in keys if asked == request], request)
        found |= {(key, request): page for key, page in pages.items()}
    return found


async def fetch_spaces(work: Work, keys: Sequence[CharacterId]) -> Mapping[CharacterId, Sequence[SpaceIdentity]]:
    return await work.worker_spaces.identities_of_many(keys)


CHARACTERS = Batch(fetch_characters)
IMAGES = Batch(fetch_images)
LOOK_ALIKES = Batch(fetch_look_alikes)
ADAPTERS = Batch(fetch_adapters)
ADAPTER_PAGES = Batch(fetch_adapter_pages)
SPACES = Batch(fetch_spaces)
