"""Taking bytes in and letting them go: announce, receive, claim, store, hold, release, sweep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from domain.identifiers import ObjectId, UploadId, WorkspaceId
from domain.media.errors import (
    ObjectBeingSwept,
    ObjectNotFound,
    UploadAlreadyClaimed,
    UploadMismatch,
    UploadMissing,
    UploadNotFound,
    UploadNotReceived,
    UploadOrderInvalid,
)
from domain.media.models import Content, PresignedPut, StoredObject, Upload
from domain.media.policies import (
    KEY_PREFIXES,
    OBJECT_GRACE,
    SWEEP_ITEMS_MAX,
    UPLOAD_GRACE,
    UPLOAD_LIFE,
    UPLOADS_AT_ONCE_MAX,
    accept_file_name,
    accept_upload,
    object_key,
    upload_key,
)
from domain.media.ports import MediaTransactions, MediaWork, ObjectStore, ObjectsWork, StrayTransactions
from domain.media.ties import tie_bucket


@dataclass(frozen=True, slots=True)
class UploadOrder:
    """One file that a client wants to put; the boundary makes the id."""

    id: UploadId
    file_name: str
    content: Content


@dataclass(frozen=True, slots=True)
class ArrivingFile:
    """An upload and the object that its bytes become; the boundary makes the object's id."""

    upload_id: UploadId
    object_id: ObjectId


async def create_uploads(
    work: MediaWork, *, store: ObjectStore, workspace_id: WorkspaceId, orders: Sequence[UploadOrder], now: datetime
) -> list[tuple[Upload, PresignedPut]]:
    """Write the uploads down and answer where to put each.

    Raises UploadOrderInvalid, UploadTypeUnknown, UploadEmpty, UploadTooLarge; then none is written.
    """
    if not 1 <= len(orders) <= UPLOADS_AT_ONCE_MAX:
        raise UploadOrderInvalid(f"Ask for 1 to {UPLOADS_AT_ONCE_MAX} uploads at once.", field="files")
    uploads = [_open_upload(workspace_id, order, now) for order in orders]
    await work.uploads.add(uploads)
    return [(upload, store.presign_put(upload.key, upload.content, now=now, life=UPLOAD_LIFE)) for upload in uploads]


def _open_upload(workspace_id: WorkspaceId, order: UploadOrder, now: datetime) -> Upload:
    return Upload(
        id=order.id,
        workspace_id=workspace_id,
        key=upload_key(workspace_id, order.id),
        file_name=accept_file_name(order.file_name),
        content=accept_upload(order.content),
        created_at=now,
        expires_at=now + UPLOAD_LIFE,
    )


async def receive_uploads(
    begin: MediaTransactions,
    *,
    store: ObjectStore,
    workspace_id: WorkspaceId,
    files: Sequence[ArrivingFile],
    now: datetime,
) -> None:
    """Verify the bytes that clients put and keep them under the name of their content; then they can be claimed.

    The storage is not trusted to have checked anything. To be called before the transaction that claims, since no
    connection may be held while bytes move; doing it again is harmless, and goes on where the last try was stopped.
    Raises UploadNotFound, UploadAlreadyClaimed, UploadMissing, UploadMismatch, ObjectBeingSwept.
    """
    async with begin() as work:
        uploads = [await _find_open(work, workspace_id, file.upload_id, now) for file in files]
    for upload, file in zip(uploads, files, strict=True):
        async with store.turn():
            await _receive(begin, store, upload, _object_of(upload, file.object_id, now))


async def _receive(begin: MediaTransactions, store: ObjectStore, upload: Upload, stored: StoredObject) -> None:
    """Hold the bytes of one file, no longer than its turn lasts; of one that is kept already none are moved."""
    await _require_put(store, upload)
    if await _is_kept(begin, store, stored):
        return
    content = await _read_verified(store, upload)
    # The bytes just hashed are written, not copied: the client may put again at any moment.
    await store_content(begin, store=store, stored=stored, content=content)


async def _find_open(work: MediaWork, workspace_id: WorkspaceId, upload_id: UploadId, now: datetime) -> Upload:
    return _require_open(await work.uploads.find(workspace_id, upload_id), now)


def _require_open(upload: Upload | None, now: datetime) -> Upload:
    if upload is not None and upload.claimed_at is not None:
        raise UploadAlreadyClaimed("The upload is in use already.", field="uploadIds")
    if upload is None or not upload.is_open(now):
        raise UploadNotFound("There is no such upload, or it has expired.", field="uploadIds")
    return upload


def _object_of(upload: Upload, object_id: ObjectId, now: datetime) -> StoredObject:
    key = object_key(upload.workspace_id, upload.content.sha256, object_id)
    return StoredObject(object_id, upload.workspace_id, key, upload.content, touched_at=now)


async def _require_put(store: ObjectStore, upload: Upload) -> None:
    announced = upload.content
    found = await store.head(upload.key)
    if found is None:
        raise UploadMissing("The bytes of the upload have not been put yet.", field="uploadIds")
    if found.size_bytes != announced.size_bytes:
        raise UploadMismatch(
            f"{announced.size_bytes} bytes were announced and {found.size_bytes} put.", field="uploadIds"
        )


async def _is_kept(begin: MediaTransactions, store: ObjectStore, wanted: StoredObject) -> bool:
    """Whether the content is there whole, by an earlier try; then a grace begins in which the object can be held."""
    async with begin() as work:
        kept = await work.objects.find_content(wanted.workspace_id, wanted.content.sha256)
        # Held and let go: touched unless it is being swept, and never written anew, as long as nothing was verified.
        if kept is None or not await work.objects.hold(kept.workspace_id, kept.id):
            return False
        await work.objects.release(kept.workspace_id, kept.id, wanted.touched_at)
    found = await store.head(kept.key)
    return found is not None and found.size_bytes == wanted.content.size_bytes


async def _read_verified(store: ObjectStore, upload: Upload) -> bytes:
    content = await store.read(upload.key, bytes_max=upload.content.size_bytes)
    if sha256(content).hexdigest() != upload.content.sha256:
        raise UploadMismatch("The bytes have another SHA-256 than was announced.", field="uploadIds")
    return content


async def claim_upload(
    work: MediaWork, *, workspace_id: WorkspaceId, upload_id: UploadId, now: datetime
) -> StoredObject:
    """Make a received upload part of something: answer its object, held once for whoever claims.

    Raises UploadNotFound, UploadAlreadyClaimed, UploadNotReceived.
    """
    upload = _require_open(await work.uploads.lock(workspace_id, upload_id), now)
    stored = await work.objects.find_content(workspace_id, upload.content.sha256)
    if stored is None or not await work.objects.hold(workspace_id, stored.id):
        raise UploadNotReceived("The bytes of the upload have not been received.", field="uploadIds")
    await work.uploads.save(upload.claim(now))
    return stored


async def store_content(
    begin: MediaTransactions, *, store: ObjectStore, stored: StoredObject, content: bytes
) -> StoredObject:
    """Keep bytes that we made, named by their content; answer the object, which the caller must hold within the grace.

    Raises ObjectBeingSwept (try again), Unavailable.
    """
    async with begin() as work:
        kept = await work.objects.reserve(stored)
    await store.put(kept.key, content, content_type=kept.content.content_type)
    return kept


def describe_object(
    content: bytes, *, object_id: ObjectId, workspace_id: WorkspaceId, content_type: str, now: datetime
) -> StoredObject:
    """Describe bytes as the object that they become when stored."""
    digest = sha256(content).hexdigest()
    described = Content(content_type, len(content), digest)
    key = object_key(workspace_id, digest, object_id)
    return StoredObject(object_id, workspace_id, key, described, touched_at=now)


async def hold_object(work: ObjectsWork, *, workspace_id: WorkspaceId, object_id: ObjectId) -> None:
    """Count one reference more, in the transaction that writes the reference. Raises ObjectBeingSwept."""
    if not await work.objects.hold(workspace_id, object_id):
        raise ObjectBeingSwept("The object is gone or about to go; store it again.")


async def release_object(work: ObjectsWork, *, workspace_id: WorkspaceId, object_id: ObjectId, now: datetime) -> None:
    """Count one reference less, in the transaction that removes the reference. Raises ObjectNotFound."""
    if not await work.objects.release(workspace_id, object_id, now):
        raise ObjectNotFound("There is no such object.")


async def sweep_uploads(begin: MediaTransactions, *, store: ObjectStore, now: datetime) -> int:
    """Remove uploads that nobody claimed in time, and the spare bytes of those that were; answer how many.

    Raises Unavailable.
    """
    async with begin() as work:
        expired = await work.uploads.find_expired(now - UPLOAD_GRACE, SWEEP_ITEMS_MAX)
    # Bytes first: when that fails the rows stay and the next sweep tries again.
    await store.delete([upload.key for upload in expired])
    async with begin() as work:
        await work.uploads.remove([upload.id for upload in expired])
    return len(expired)


async def sweep_objects(begin: MediaTransactions, *, store: ObjectStore, now: datetime) -> int:
    """Remove objects that nothing has referred to for the grace; answer how many. Raises Unavailable.

    Invariant: bytes are deleted only while the row is doomed, and a doomed row can be neither reserved nor held. So
    whoever stores the same content again waits, and never refers to bytes that are about to go.
    """
    async with begin() as work:
        doomed = await work.objects.doom(now - OBJECT_GRACE, SWEEP_ITEMS_MAX)
    await store.delete([each.key for each in doomed])
    async with begin() as work:
        await work.objects.remove([each.id for each in doomed])
    return len(doomed)


async def sweep_strays(begin: StrayTransactions, *, store: ObjectStore, age: timedelta) -> int:
    """Remove bytes that nothing owns: what the last sweep marked, then mark what this one finds; answer how many went.

    This finds what no row tells of: outputs of claims that were lost, bytes that were put too late, and what a
    workspace left that is gone. Invariant: bytes are deleted only in a sweep after the one that marked them, when they
    were older than `age`, only while nothing owns them, which is final (`Strays`), and only in a bucket that is tied to
    this database. Raises BucketNotOurs, before anything is marked or deleted, and Unavailable; then the marks that are
    left are worked off by the next.
    """
    await tie_bucket(begin, store=store)
    async with begin() as work:
        started = await work.strays.now()
    gone = 0
    while keys := await _sweep_marked(begin, store=store, before=started):
        gone += keys
    for prefix in KEY_PREFIXES:
        async for files in store.list_pages(prefix):
            async with begin() as work:
                await work.strays.mark(files, age=age)
    return gone


async def _sweep_marked(begin: StrayTransactions, *, store: ObjectStore, before: datetime) -> int:
    async with begin() as work:
        keys = await work.strays.list_marked(before=before, limit=SWEEP_ITEMS_MAX)
    await store.delete(keys)
    async with begin() as work:
        await work.strays.remove(keys)
    return len(keys)
