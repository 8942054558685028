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


class S3Client(Protocol):
    """The calls in use; argument names are the library's."""

    async def put_object(self, *, Bucket: str, Key: str, Body: BinaryIO, ContentType: str) -> object: ...  # noqa: N803

    async def get_object(self, *, Bucket: str, Key: str) -> GetAnswer: ...  # noqa: N803

    async def head_object(self, *, Bucket: str, Key: str) -> HeadAnswer: ...  # noqa: N803

    async def copy_object(self, *, Bucket: str, Key: str, CopySource: Mapping[str, str]) -> object: ...  # noqa: N803

    async def delete_object(self, *, Bucket: str, Key: str) -> object: ...  # noqa: N803

    async def list_objects_v2(self, *, Bucket: str, Prefix: str, StartAfter: str) -> ListAnswer: ...  # noqa: N803

    async def head_bucket(self, *, Bucket: str) -> object: ...  # noqa: N803

    async def download_file(self, Bucket: str, Key: str, Filename: str) -> None: ...  # noqa: N803
