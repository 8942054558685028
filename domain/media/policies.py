"""Rules of media: how large, how long, and what things are called in object storage."""

import re
from datetime import timedelta
from uuid import UUID

from domain.identifiers import ObjectId, UploadId, WorkspaceId
from domain.media.errors import UploadEmpty, UploadOrderInvalid, UploadTooLarge, UploadTypeUnknown
from domain.media.models import Content, PictureType

UPLOAD_BYTES_MAX = 20 * 1024 * 1024
UPLOADS_AT_ONCE_MAX = 50
UPLOAD_LIFE = timedelta(hours=1)
# An expired upload stays this much longer, so that one that is being received is not pulled away.
UPLOAD_GRACE = timedelta(hours=1)

PICTURE_PIXELS_MAX = 40_000_000
PICTURE_SIDE_MIN, PICTURE_SIDE_MAX = 16, 20_000
WORKING_SIDE_MAX, THUMBNAIL_SIDE_MAX = 2048, 320

# Longer than any job's deadline: between storing bytes and referring to them an object has no reference.
OBJECT_GRACE = timedelta(hours=24)
SWEEP_ITEMS_MAX = 200
# All bytes of the lab's lie under one of these.
KEY_PREFIXES = ("art/", "objects/", "uploads/")
# Beside them, never swept: it names the lab whose bucket this is.
MARK_KEY = "lab.json"
MARK_BYTES_MAX = 1000

FILE_NAME_CHARACTERS_MAX = 200
# As it is given, with blank ends.
FILE_NAME_CHARACTERS_READ = 10 * FILE_NAME_CHARACTERS_MAX
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNFIT_IN_FILE_NAME = re.compile(r"[\x00-\x1f\x7f/\\]")


def accept_upload(content: Content) -> Content:
    """Answer the content in the form that is stored.

    Raises UploadTypeUnknown, UploadEmpty, UploadTooLarge, UploadOrderInvalid.
    """
    if content.content_type not in set(PictureType):
        known = ", ".join(PictureType)
        raise UploadTypeUnknown(f"The type is one of {known}.", field="contentType")
    if content.size_bytes < 1:
        raise UploadEmpty("A file has at least one byte.", field="sizeBytes")
    if content.size_bytes > UPLOAD_BYTES_MAX:
        raise UploadTooLarge(f"A file has at most {UPLOAD_BYTES_MAX} bytes.", field="sizeBytes")
    return Content(content.content_type, content.size_bytes, accept_digest(content.sha256))


def accept_digest(sha256: str) -> str:
    """Answer the digest in lower case; raises UploadOrderInvalid when it is not 64 hexadecimal digits."""
    # Looked at no further than it should go.
    lower = sha256[:65].lower()
    if not _SHA256.fullmatch(lower):
        raise UploadOrderInvalid("The SHA-256 is 64 hexadecimal digits.", field="sha256")
    return lower


def accept_file_name(name: str) -> str:
    """Keep a file's own name for people to read; it is never part of a key."""
    return _UNFIT_IN_FILE_NAME.sub("_", name[:FILE_NAME_CHARACTERS_READ]).strip()[:FILE_NAME_CHARACTERS_MAX]


def upload_key(workspace_id: WorkspaceId, upload_id: UploadId) -> str:
    return f"uploads/{workspace_id}/{upload_id}"


def object_key(workspace_id: WorkspaceId, sha256: str, object_id: ObjectId) -> str:
    """Name bytes by their content and by the row that counts them.

    No key is used by two rows: a sweep that was held up between its steps may delete late, and must not hit the bytes
    that somebody has stored again meanwhile.
    """
    return f"objects/{workspace_id}/{sha256}/{object_id}"


def holder_of(key: str) -> UUID | None:
    """Whose a key is beside that of an object's row: the upload of `uploads/...`, the claim of `art/<job>/<claim>/...`.

    None where the key names neither; then it belongs to an object's row or to nothing.
    """
    prefix, _, rest = key.partition("/")
    parts = rest.split("/")
    if prefix not in {"art", "uploads"} or len(parts) < 2:
        return None
    try:
        return UUID(parts[1])
    except ValueError:
        return None
