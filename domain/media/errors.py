"""Refusals of media, named as facts."""

from enum import StrEnum

from domain.errors import Conflict, Invalid, NotFound, Unavailable


class UploadTooLarge(Invalid):
    """The file has more bytes than an upload may have."""


class UploadEmpty(Invalid):
    """The file has no bytes."""


class UploadTypeUnknown(Invalid):
    """The file's type is none that the lab reads."""


class UploadOrderInvalid(Invalid):
    """An upload was asked for with a digest that is none, or too many at once."""


class UploadNotFound(NotFound):
    """There is no such upload, it has expired, or it is another workspace's."""


class UploadMissing(Conflict):
    """The bytes have not been put yet."""


class UploadAlreadyClaimed(Conflict):
    """The upload is part of something already."""


class UploadNotReceived(Conflict):
    """The upload's bytes were not received before it was claimed."""


class UploadMismatch(Invalid):
    """What was put is not what was announced: another size or another SHA-256."""


class ObjectNotFound(NotFound):
    """There is no such stored object in the workspace."""


class ObjectBeingSwept(Unavailable):
    """The object is being removed this moment; storing it again works when that is done."""


class BucketNotOurs(Conflict):
    """The bucket is another lab's, or may be: nothing there is to be deleted."""


class PictureRefusal(StrEnum):
    """Why a picture is not taken."""

    EMPTY = "empty"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    UNKNOWN_TYPE = "unknown_type"
    TYPE_MISMATCH = "type_mismatch"
    TRAILING_DATA = "trailing_data"
    FOREIGN_CONTENT = "foreign_content"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    ANIMATED = "animated"


class PictureRefused(Invalid):
    """The bytes are no picture that the lab takes; `reason` says why."""

    def __init__(self, reason: PictureRefusal, message: str) -> None:
        super().__init__(message)
        self.reason = reason
