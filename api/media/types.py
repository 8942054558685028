"""Uploads and stored files as clients see them."""

from datetime import datetime

import strawberry

from api.context import Context, Info
from api.media.loaders import OBJECTS
from api.node import global_id
from api.scalars import BigInt
from domain.errors import NotFound
from domain.identifiers import ObjectId
from domain.media.models import PresignedPut as Put
from domain.media.models import StoredObject
from domain.media.models import Upload as OpenUpload


@strawberry.type(description="One header of a request.")
class Header:
    """A name and a value."""

    name: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="Its value, to be sent exactly so.")


@strawberry.type(description="Where to PUT the bytes, straight into object storage.")
class PresignedPut:
    """A signed address for one file."""

    url: str = strawberry.field(description="The address; it grants this one file and nothing else.")
    headers: list[Header] = strawberry.field(
        description="Send exactly these: they bind size, type and SHA-256. A browser sets Content-Length by itself."
    )
    expires_at: datetime = strawberry.field(description="Until when it can be used.")


@strawberry.type(description="A file that may be put, not yet part of anything.")
class Upload:
    """An upload as its client sees it."""

    id: strawberry.ID = strawberry.field(description="Name it when you use the file, within the hour.")
    file_name: str = strawberry.field(description="What the file was called.")
    put: PresignedPut = strawberry.field(description="Where the bytes go.")


@strawberry.type(description="Bytes in object storage, read through an address that expires.")
class Media:
    """A stored object as clients see it."""

    id: strawberry.ID = strawberry.field(description="Names these bytes in the workspace.")
    url: str = strawberry.field(
        description="Where to GET them. It stays the same for a while, so that it can be cached, and then expires."
    )
    url_expires_at: datetime = strawberry.field(description="When the address stops working; ask for a new one then.")
    content_type: str = strawberry.field(description="The media type, such as image/webp.")
    size_bytes: BigInt = strawberry.field(description="How many bytes.")
    sha256: str = strawberry.field(description="Their SHA-256 in hexadecimal.")


def present_upload(upload: OpenUpload, put: Put) -> Upload:
    headers = [Header(name=name, value=value) for name, value in put.headers.items()]
    return Upload(
        id=global_id("Upload", upload.id),
        file_name=upload.file_name,
        put=PresignedPut(url=put.url, headers=headers, expires_at=put.expires_at),
    )


def present_media(context: Context, stored: StoredObject) -> Media:
    services = context.services
    signed = services.store.presign_get(
        stored.key, content_type=stored.content.content_type, now=context.now(), life=services.url_life
    )
    return Media(
        id=global_id("Media", stored.id),
        url=signed.url,
        url_expires_at=signed.expires_at,
        content_type=stored.content.content_type,
        size_bytes=BigInt(stored.content.size_bytes),
        sha256=stored.content.sha256,
    )


async def load_media(info: Info, object_id: ObjectId) -> Media:
    """Answer the object behind a reference, in one statement with all that siblings ask for; raises NotFound."""
    stored = await info.context.load(OBJECTS, object_id)
    if stored is None:
        raise NotFound("There is no such file.")
    return present_media(info.context, stored)


async def load_media_or_none(info: Info, object_id: ObjectId | None) -> Media | None:
    return await load_media(info, object_id) if object_id else None
