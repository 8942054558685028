"""Receiving uploads before the transaction that uses them."""

from collections.abc import Sequence

import strawberry

from api.context import Context
from api.node import local_id
from domain.characters.use_cases.take_in import refuse_too_many
from domain.identifiers import ObjectId, UploadId
from domain.media.use_cases import ArrivingFile, receive_uploads


async def receive(context: Context, given: Sequence[strawberry.ID]) -> list[UploadId]:
    """Verify and keep the bytes of each upload, and answer their keys.

    Raises TooManyImages and what `receive_uploads` raises.
    """
    keys = [UploadId(local_id("Upload", each, field="uploadIds")) for each in dict.fromkeys(given)]
    # Before megabytes of them are fetched; what the character holds already is counted with the rest.
    refuse_too_many(len(keys))
    if keys:
        await receive_uploads(
            context.work,
            store=context.services.store,
            workspace_id=context.caller.workspace_id,
            files=[ArrivingFile(key, ObjectId(context.new_id())) for key in keys],
            now=context.now(),
        )
    return keys
