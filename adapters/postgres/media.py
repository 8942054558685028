"""Uploads and stored objects in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import case, delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from adapters.postgres.tables import ObjectRow, UploadRow
from domain.identifiers import ObjectId, UploadId, WorkspaceId
from domain.media.errors import ObjectBeingSwept
from domain.media.models import Content, StoredObject, Upload


class PostgresUploads:
    """Rows of uploads."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, uploads: Sequence[Upload]) -> None:
        self._session.add_all(_upload_row(upload) for upload in uploads)
        await self._session.flush()

    async def find(self, workspace_id: WorkspaceId, upload_id: UploadId) -> Upload | None:
        row = await self._session.scalar(
            select(UploadRow).where(col(UploadRow.id) == upload_id, col(UploadRow.workspace_id) == workspace_id)
        )
        return _upload(row) if row else None

    async def lock(self, workspace_id: WorkspaceId, upload_id: UploadId) -> Upload | None:
        row = await self._session.scalar(
            select(UploadRow)
            .where(col(UploadRow.id) == upload_id, col(UploadRow.workspace_id) == workspace_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return _upload(row) if row else None

    async def save(self, upload: Upload) -> None:
        statement = (
            update(UploadRow)
            .where(col(UploadRow.id) == upload.id, col(UploadRow.workspace_id) == upload.workspace_id)
            .values(claimed_at=upload.claimed_at)
        )
        await self._session.execute(statement)

    async def find_expired(self, before: datetime, limit: int) -> Sequence[Upload]:
        statement = (
            select(UploadRow).where(col(UploadRow.expires_at) < before).order_by(col(UploadRow.expires_at)).limit(limit)
        )
        return [_upload(row) for row in (await self._session.scalars(statement)).all()]

    async def remove(self, upload_ids: Sequence[UploadId]) -> None:
        await self._session.execute(delete(UploadRow).where(col(UploadRow.id).in_(upload_ids)))


def _upload_row(upload: Upload) -> UploadRow:
    return UploadRow(
        id=upload.id,
        workspace_id=upload.workspace_id,
        object_key=upload.key,
        file_name=upload.file_name,
        content_type=upload.content.content_type,
        size_bytes=upload.content.size_bytes,
        sha256=upload.content.sha256,
        created_at=upload.created_at,
        expires_at=upload.expires_at,
        claimed_at=upload.claimed_at,
    )


def _upload(row: UploadRow) -> Upload:
    return Upload(
        id=UploadId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        key=row.object_key,
        file_name=row.file_name,
        content=Content(row.content_type, row.size_bytes, row.sha256),
        created_at=row.created_at,
        expires_at=row.expires_at,
        claimed_at=row.claimed_at,
    )


class PostgresObjects:
    """Rows of stored objects.

    Invariant: a row with `doomed_at` has no reference and gets none; only the sweep removes it, after its bytes.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def reserve(self, stored: StoredObject) -> StoredObject:
        statement = (
            insert(ObjectRow)
            .values(
                id=stored.id,
                workspace_id=stored.workspace_id,
                key=stored.key,
                sha256=stored.content.sha256,
                size_bytes=stored.content.size_bytes,
                content_type=stored.content.content_type,
                created_at=stored.touched_at,
                touched_at=stored.touched_at,
            )
            .on_conflict_do_update(
                index_elements=[col(ObjectRow.workspace_id), col(ObjectRow.sha256)],
                set_={"touched_at": func.greatest(col(ObjectRow.touched_at), stored.touched_at)},
                where=col(ObjectRow.doomed_at).is_(None),
            )
            .returning(ObjectRow)
            .execution_options(populate_existing=True)
        )
        row = await self._session.scalar(statement)
        if row is None:
            raise ObjectBeingSwept("The same bytes are being removed this moment; try again.")
        return _object(row)

    async def find(self, workspace_id: WorkspaceId, object_id: ObjectId) -> StoredObject | None:
        return (await self.find_many(workspace_id, [object_id])).get(object_id)

    async def find_many(
        self, workspace_id: WorkspaceId, object_ids: Sequence[ObjectId]
    ) -> Mapping[ObjectId, StoredObject]:
        statement = (
            select(ObjectRow)
            .where(col(ObjectRow.id).in_(object_ids), col(ObjectRow.workspace_id) == workspace_id)
            .execution_options(populate_existing=True)
        )
        return {ObjectId(row.id): _object(row) for row in (await self._session.scalars(statement)).all()}

    async def find_content(self, workspace_id: WorkspaceId, sha256: str) -> StoredObject | None:
        statement = (
            select(ObjectRow)
            .where(col(ObjectRow.workspace_id) == workspace_id, col(ObjectRow.sha256) == sha256)
            .execution_options(populate_existing=True)
        )
        row = await self._session.scalar(statement)
        return _object(row) if row else None

    async def hold(self, workspace_id: WorkspaceId, object_id: ObjectId) -> bool:
        statement = (
            update(ObjectRow)
            .where(
                col(ObjectRow.id) == object_id,
                col(ObjectRow.workspace_id) == workspace_id,
                col(ObjectRow.doomed_at).is_(None),
            )
            .values(reference_count=col(ObjectRow.reference_count) + 1)
            .returning(col(ObjectRow.id))
            .execution_options(synchronize_session=False)
        )
        return await self._session.scalar(statement) is not None

    async def release(self, workspace_id: WorkspaceId, object_id: ObjectId, now: datetime) -> bool:
        statement = (
            update(ObjectRow)
            .where(col(ObjectRow.id) == object_id, col(ObjectRow.workspace_id) == workspace_id)
            .values(
                reference_count=col(ObjectRow.reference_count) - 1,
                touched_at=case((col(ObjectRow.touched_at) > now, col(ObjectRow.touched_at)), else_=now),
            )
            .returning(col(ObjectRow.id))
            .execution_options(synchronize_session=False)
        )
        return await self._session.scalar(statement) is not None

    async def doom(self, before: datetime, limit: int) -> Sequence[StoredObject]:
        chosen = (
            select(col(ObjectRow.id))
            .where(col(ObjectRow.reference_count) == 0, col(ObjectRow.touched_at) < before)
            .order_by(col(ObjectRow.touched_at))
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("chosen")
            .prefix_with("materialized")
        )
        # Those doomed by a sweep that died are among them: they are still unreferenced and old.
        statement = (
            update(ObjectRow)
            .where(col(ObjectRow.id) == chosen.c.id)
            .values(doomed_at=func.coalesce(col(ObjectRow.doomed_at), func.now()))
            .returning(ObjectRow)
            .execution_options(populate_existing=True)
        )
        return [_object(row) for row in (await self._session.scalars(statement)).all()]

    async def remove(self, doomed: Sequence[ObjectId]) -> None:
        statement = delete(ObjectRow).where(col(ObjectRow.id).in_(doomed), col(ObjectRow.doomed_at).is_not(None))
        await self._session.execute(statement)


def _object(row: ObjectRow) -> StoredObject:
    return StoredObject(
        id=ObjectId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        key=row.key,
        content=Content(row.content_type, row.size_bytes, row.sha256),
        touched_at=row.touched_at,
        references=row.reference_count,
    )
