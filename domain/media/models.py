"""What media is made of: uploads, stored objects, signed addresses, checked pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.identifiers import ObjectId, UploadId, WorkspaceId


class PictureType(StrEnum):
    """The kinds of picture that may be uploaded."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    AVIF = "image/avif"
    HEIC = "image/heic"


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes described: their type, how many, and their SHA-256 in lower-case hexadecimal."""

    content_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes that a client may put at `key` until `expires_at`, not yet part of anything."""

    id: UploadId
    workspace_id: WorkspaceId
    key: str
    file_name: str
    content: Content
    created_at: datetime
    expires_at: datetime
    claimed_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.claimed_at is None and now < self.expires_at

    def claim(self, now: datetime) -> "Upload":
        return replace(self, claimed_at=now)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Bytes in object storage, named by their content and counted by what refers to them.

    `touched_at` is when it was last stored or let go: an object without references is swept a grace after that.
    """

    id: ObjectId
    workspace_id: WorkspaceId
    key: str
    content: Content
    touched_at: datetime
    references: int = 0


@dataclass(frozen=True, slots=True)
class PresignedPut:
    """Where to PUT bytes, with exactly these headers, until `expires_at`."""

    url: str
    headers: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """Where to GET bytes until `expires_at`; the same text for a while, so that browsers may cache."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What object storage says lies under a key; `etag` changes when the bytes do."""

    size_bytes: int
    etag: str


@dataclass(frozen=True, slots=True)
class ListedFile:
    """What object storage lists: a key, and when it says that the bytes were written."""

    key: str
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Lab:
    """Which lab a database is, and whether it had objects when buckets had no mark of whose they are."""

    id: UUID
    had_objects: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was checked and encoded anew: upright, sRGB, 8 bit, without metadata.

    `working` is at most 2048 pixels a side, `thumbnail` at most 320; `width` and `height` are the original's, upright.
    """

    type: PictureType
    width: int
    height: int
    has_alpha: bool
    working: bytes
    working_type: PictureType
    working_width: int
    working_height: int
    thumbnail: bytes
    thumbnail_type: PictureType
