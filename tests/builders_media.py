"""Uploads announced, put and received, and objects stored, over the real storage."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import httpx

from adapters.postgres.work import PostgresWork
from bootstrap.container import Container
from domain.identifiers import ObjectId, UploadId, WorkspaceId
from domain.media.models import Content, PresignedPut, StoredObject, Upload
from domain.media.use_cases import (
    ArrivingFile,
    UploadOrder,
    claim_upload,
    create_uploads,
    describe_object,
    receive_uploads,
    store_content,
)

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BYTES = b"not really a picture"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A workspace's view of the container: transactions and bytes of its own."""

    container: Container
    id: WorkspaceId

    def work(self) -> AbstractAsyncContextManager[PostgresWork]:
        return self.container.work(self.id)

    async def announce(self, *contents: Content, now: datetime = NOW) -> list[tuple[Upload, PresignedPut]]:
        orders = [UploadOrder(UploadId(self.container.new_id()), "goat.png", content) for content in contents]
        async with self.work() as work:
            return await create_uploads(work, store=self.container.store, workspace_id=self.id, orders=orders, now=now)

    async def receive(self, upload_ids: Sequence[UploadId], *, now: datetime = NOW) -> None:
        files = [ArrivingFile(upload_id, ObjectId(self.container.new_id())) for upload_id in upload_ids]
        await receive_uploads(self.work, store=self.container.store, workspace_id=self.id, files=files, now=now)

    async def claim(self, upload_id: UploadId, *, now: datetime = NOW) -> StoredObject:
        async with self.work() as work:
            return await claim_upload(work, workspace_id=self.id, upload_id=upload_id, now=now)

    async def put_upload(self, content: bytes = BYTES) -> UploadId:
        """Announce a file and put it, as a client does."""
        ((upload, put),) = await self.announce(described(content))
        assert (await put_bytes(put, content)).status_code == 200
        return upload.id

    async def store(self, content: bytes = BYTES, *, now: datetime = NOW) -> StoredObject:
        stored = describe_object(
            content,
            object_id=ObjectId(self.container.new_id()),
            workspace_id=self.id,
            content_type="image/png",
            now=now,
        )
        return await store_content(self.work, store=self.container.store, stored=stored, content=content)

    async def find(self, object_id: ObjectId) -> StoredObject | None:
        async with self.work() as work:
            return await work.objects.find(self.id, object_id)


def described(content: bytes, *, content_type: str = "image/png") -> Content:
    return Content(content_type, len(content), sha256(content).hexdigest())


async def put_bytes(put: PresignedPut, content: bytes, headers: Mapping[str, str] | None = None) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.put(put.url, content=content, headers=dict(put.headers) | dict(headers or {}))


async def get_bytes(url: str) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.get(url)
