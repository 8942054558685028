"""What media needs from the outside: rows of uploads and objects, object storage, a reader of pictures."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from domain.identifiers import ObjectId, UploadId, WorkspaceId
from domain.media.models import (
    Content,
    Lab,
    ListedFile,
    Picture,
    PresignedPut,
    SignedUrl,
    StoredFile,
    StoredObject,
    Upload,
)


class Uploads(Protocol):
    """Rows of uploads."""

    async def add(self, uploads: Sequence[Upload]) -> None: ...

    async def find(self, workspace_id: WorkspaceId, upload_id: UploadId) -> Upload | None: ...

    async def lock(self, workspace_id: WorkspaceId, upload_id: UploadId) -> Upload | None:
        """Find an upload and hold its row, so that it is claimed once and not swept meanwhile."""
        ...

    async def save(self, upload: Upload) -> None: ...

    async def find_expired(self, before: datetime, limit: int) -> Sequence[Upload]:
        """Uploads that expired before the moment, claimed or not, of every workspace that the work can see."""
        ...

    async def remove(self, upload_ids: Sequence[UploadId]) -> None: ...


class Objects(Protocol):
    """Rows of stored objects and how often each is referred to."""

    async def reserve(self, stored: StoredObject) -> StoredObject:
        """Write the row, or touch the one that has the content already; answer the one that is kept.

        Raises ObjectBeingSwept. From here a grace runs in which the bytes must be put and the object held.
        """
        ...

    async def find(self, workspace_id: WorkspaceId, object_id: ObjectId) -> StoredObject | None: ...

    async def find_many(
        self, workspace_id: WorkspaceId, object_ids: Sequence[ObjectId]
    ) -> Mapping[ObjectId, StoredObject]: ...

    async def find_content(self, workspace_id: WorkspaceId, sha256: str) -> StoredObject | None: ...

    async def hold(self, workspace_id: WorkspaceId, object_id: ObjectId) -> bool:
        """Count one reference more; False when there is no such object or it is being swept."""
        ...

    async def release(self, workspace_id: WorkspaceId, object_id: ObjectId, now: datetime) -> bool:
        """Count one reference less; False when there is no such object."""
        ...

    async def doom(self, before: datetime, limit: int) -> Sequence[StoredObject]:
        """Mark unreferenced objects touched before the moment and answer all marked ones; they cannot be held then."""
        ...

    async def remove(self, doomed: Sequence[ObjectId]) -> None:
        """Remove the rows of doomed objects."""
        ...


class Strays(Protocol):
    """Marks on bytes that nothing owns; moments are the database's own.

    Bytes are owned by an object's row with their key, by their upload's row, or by the running claim that puts them.
    Who owns them is asked in one statement, and what is owned by nothing then can never be owned again: rows come
    before bytes and keys are used once, and a claim that has ended commits nothing.
    """

    async def now(self) -> datetime:
        """The database's clock."""
        ...

    async def find_lab(self) -> Lab:
        """Which lab this database is."""
        ...

    async def owns_all(self, files: Sequence[ListedFile]) -> bool:
        """Whether each of the files is owned."""
        ...

    async def mark(self, files: Sequence[ListedFile], *, age: timedelta) -> int:
        """Mark those written longer ago than `age` that nothing owns; answer how many were not marked before."""
        ...

    async def list_marked(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Keys that were marked before the moment and that nothing owns now; marks on others are taken off."""
        ...

    async def remove(self, keys: Sequence[str]) -> None:
        """Take the marks off, after the bytes are gone."""
        ...


class StraysWork(Protocol):
    """The transaction as the sweep of strays sees it."""

    @property
    def strays(self) -> Strays: ...


class StrayTransactions(Protocol):
    """Opens a transaction that commits at its end."""

    def __call__(self) -> AbstractAsyncContextManager[StraysWork]: ...


class MediaWork(Protocol):
    """The transaction as media sees it."""

    @property
    def uploads(self) -> Uploads: ...

    @property
    def objects(self) -> Objects: ...


class ObjectsWork(Protocol):
    """The transaction as those see it who only hold and release objects."""

    @property
    def objects(self) -> Objects: ...


class MediaTransactions(Protocol):
    """Opens a transaction that commits at its end; for use cases that move bytes between two short transactions."""

    def __call__(self) -> AbstractAsyncContextManager[MediaWork]: ...


class ObjectStore(Protocol):
    """Bytes by key; every method raises Unavailable when the storage fails."""

    def presign_put(self, key: str, content: Content, *, now: datetime, life: timedelta) -> PresignedPut:
        """Sign a PUT bound to size, type and SHA-256."""
        ...

    def presign_get(self, key: str, *, content_type: str, now: datetime, life: timedelta) -> SignedUrl:
        """Sign a GET for at least `life`; the URL is the same for every `now` of one window of that length."""
        ...

    def turn(self) -> AbstractAsyncContextManager[object]:
        """Wait until whole files may be held in memory: in a process only so many at once have a turn."""
        ...

    async def put(self, key: str, content: bytes, *, content_type: str) -> None: ...

    async def put_file(self, key: str, path: Path, *, content_type: str) -> None: ...

    async def head(self, key: str) -> StoredFile | None: ...

    async def read(self, key: str, *, bytes_max: int) -> bytes:
        """Raises NotFound for an absent key, Invalid when there is more than `bytes_max`."""
        ...

    async def fetch_file(self, key: str, path: Path) -> None:
        """Write the bytes to a local file; raises NotFound."""
        ...

    async def copy(self, source: str, target: str) -> None:
        """Copy inside the storage; raises NotFound."""
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Delete; an absent key is fine. Where one cannot be deleted the others still are."""
        ...

    def list_pages(self, prefix: str) -> AsyncIterator[Sequence[ListedFile]]:
        """List what lies under a prefix, page by page, in the order of keys."""
        ...

    async def check(self) -> None:
        """Return when the storage answers for the bucket; raises Unavailable where there is none, too."""
        ...


class PictureReader(Protocol):
    """Turns untrusted bytes into a picture that can be trusted, off the event loop."""

    async def read(self, content: bytes) -> Picture:
        """Check and encode anew; raises PictureRefused."""
        ...
