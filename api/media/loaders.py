"""Stored objects in batches."""

from collections.abc import Mapping, Sequence

from api.context import Batch
from api.work import Work
from domain.identifiers import ObjectId
from domain.media.models import StoredObject


async def fetch_objects(work: Work, keys: Sequence[ObjectId]) -> Mapping[ObjectId, StoredObject]:
    return await work.objects.find_many(work.workspace_id, keys) if work.workspace_id else {}


OBJECTS = Batch(fetch_objects)
