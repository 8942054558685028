"""The part of aioboto3's S3 client that the store uses; the package itself carries no types."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import BinaryIO, NotRequired, Protocol, TypedDict


class Chunks(Protocol):
    """The body's raw stream."""

    def iter_chunked(self, size: int) -> AsyncIterator[bytes]: ...


class Body(Protocol):
    """The body of an answer; leaving its context gives the connection back."""

    @property
    def content(self) -> Chunks: ...

    async def __aenter__(self) -> "Body": ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class GetAnswer(TypedDict):
    """What a GET answers, as far as we look."""

    Body: Body


class HeadAnswer(TypedDict):
    """What a HEAD answers, as far as we look."""

    ContentLength: int
    ETag: str


class ListEntry(TypedDict):
    """One key of a listing."""

    Key: str
    LastModified: datetime


class ListAnswer(TypedDict):
    """One page of a listing; `Contents` is absent where there is nothing."""

    Contents: NotRequired[Sequence[ListEntry]]
    IsTruncated: bool


class MultipartAnswer(TypedDict):
    """What beginning a file in parts answers, as far as we look."""

    UploadId: str


class PartAnswer(TypedDict):
    """What a PUT of a part answers, as far as we look."""

    ETag: str


class Part(TypedDict):
    """One part of a file, as it is named when all are there."""

    PartNumber: int
    ETag: str


class S3Client(Protocol):
    """The calls in use; argument names are the library's."""

    async def put_object(self, *, Bucket: str, Key: str, Body: BinaryIO, ContentType: str) -> object: ...  # noqa: N803

    async def get_object(self, *, Bucket: str, Key: str) -> GetAnswer: ...  # noqa: N803

    async def head_object(self, *, Bucket: str, Key: str) -> HeadAnswer: ...  # noqa: N803

    async def copy_object(self, *, Bucket: str, Key: str, CopySource: Mapping[str, str]) -> object: ...  # noqa: N803

    async def delete_object(self, *, Bucket: str, Key: str) -> object: ...  # noqa: N803

    async def list_objects_v2(self, *, Bucket: str, Prefix: str, StartAfter: str) -> ListAnswer: ...  # noqa: N803

    async def head_bucket(self, *, Bucket: str) -> object: ...  # noqa: N803

    async def create_multipart_upload(self, *, Bucket: str, Key: str, ContentType: str) -> MultipartAnswer: ...  # noqa: N803

    async def upload_part(
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        UploadId: str,  # noqa: N803
        PartNumber: int,  # noqa: N803
        Body: bytes,  # noqa: N803
    ) -> PartAnswer: ...

    async def complete_multipart_upload(
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        UploadId: str,  # noqa: N803
        MultipartUpload: Mapping[str, Sequence[Part]],  # noqa: N803
    ) -> object: ...

    async def abort_multipart_upload(self, *, Bucket: str, Key: str, UploadId: str) -> object: ...  # noqa: N803

    async def download_file(self, Bucket: str, Key: str, Filename: str) -> None: ...  # noqa: N803
