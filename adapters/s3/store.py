"""Object storage over any S3: one client a process, presigned addresses, every failure translated at this edge."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import aioboto3
from aiohttp import ClientError as ConnectionFailure
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from adapters.s3.client import Part, S3Client
from adapters.s3.signing import Signable, SigningKey, presign
from domain.errors import Invalid, NotFound, Unavailable
from domain.media.models import Content, ListedFile, PresignedPut, SignedUrl, StoredFile
from failpoints import Point, reach

CHUNK_BYTES = 256 * 1024
# S3 takes 5 GiB in one PUT and 10,000 parts of a file; each part is in memory while it is sent.
PART_BYTES = 128 * 1024 * 1024
CONNECT_SECONDS_MAX, READ_SECONDS_MAX = 5, 60
CONNECTIONS_MAX = 32
DELETES_AT_ONCE_MAX = 8
# Of 20 MB each, while they are received: many clients at once must not fill the memory.
TURNS_AT_ONCE_MAX = 4
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})


@dataclass(frozen=True, slots=True)
class S3Place:
    """Where the bucket is: `endpoint_url` as we reach it, `public_endpoint_url` as clients do.

    Files of more than `part_bytes` are put in parts of that size.
    """

    endpoint_url: str
    public_endpoint_url: str
    bucket: str
    key: SigningKey
    part_bytes: int = PART_BYTES


class S3ObjectStore:
    """Reads, writes and signs in one bucket; open it with `open_store`."""

    def __init__(self, client: S3Client, place: S3Place) -> None:
        self._client = client
        self._place = place
        self._turns = asyncio.Semaphore(TURNS_AT_ONCE_MAX)

    def presign_put(self, key: str, content: Content, *, now: datetime, life: timedelta) -> PresignedPut:
        checksum = b64encode(bytes.fromhex(content.sha256)).decode()
        headers = {
            "Content-Type": content.content_type,
            "Content-Length": str(content.size_bytes),
            "x-amz-checksum-sha256": checksum,
        }
        request = Signable("PUT", self._public_url(key), headers=headers)
        return PresignedPut(presign(request, self._place.key, now=now, life=life), headers, now + life)

    def presign_get(self, key: str, *, content_type: str, now: datetime, life: timedelta) -> SignedUrl:
        # Signed at the window's start for two windows: the same text in one window, good for one more at its end.
        start = datetime.fromtimestamp(now.timestamp() // life.total_seconds() * life.total_seconds(), tz=UTC)
        seconds = int(life.total_seconds())
        query = {
            "response-content-type": content_type,
            "response-cache-control": f"private, max-age={seconds}, immutable",
        }
        request = Signable("GET", self._public_url(key), query=query)
        return SignedUrl(presign(request, self._place.key, now=start, life=2 * life), start + 2 * life)

    def _public_url(self, key: str) -> str:
        return f"{self._place.public_endpoint_url.rstrip('/')}/{self._place.bucket}/{key}"

    def turn(self) -> AbstractAsyncContextManager[object]:
        return self._turns

    async def put(self, key: str, content: bytes, *, content_type: str) -> None:
        await self._put(key, BytesIO(content), content_type)

    async def put_file(self, key: str, path: Path, *, content_type: str) -> None:
        size_bytes = (await asyncio.to_thread(path.stat)).st_size
        with await asyncio.to_thread(path.open, "rb") as file:
            if size_bytes <= self._place.part_bytes:
                await self._put(key, file, content_type)
                return
            async with _translated(key):
                await _put_in_parts(self._client, self._place, key, file, content_type)
                await reach(Point.OBJECT_STORED)

    async def _put(self, key: str, body: BinaryIO, content_type: str) -> None:
        async with _translated(key):
            await self._client.put_object(Bucket=self._place.bucket, Key=key, Body=body, ContentType=content_type)
            await reach(Point.OBJECT_STORED)

    async def head(self, key: str) -> StoredFile | None:
        try:
            async with _translated(key):
                found = await self._client.head_object(Bucket=self._place.bucket, Key=key)
        except NotFound:
            return None
        return StoredFile(size_bytes=found["ContentLength"], etag=found["ETag"].strip('"'))

    async def read(self, key: str, *, bytes_max: int) -> bytes:
        async with _translated(key):
            answer = await self._client.get_object(Bucket=self._place.bucket, Key=key)
            async with answer["Body"] as body:
                content = bytearray()
                async for chunk in body.content.iter_chunked(CHUNK_BYTES):
                    content += chunk
                    if len(content) > bytes_max:
                        raise Invalid(f"The object has more than {bytes_max} bytes.")
                return bytes(content)

    async def fetch_file(self, key: str, path: Path) -> None:
        async with _translated(key):
            await self._client.download_file(self._place.bucket, key, str(path))

    async def copy(self, source: str, target: str) -> None:
        bucket = self._place.bucket
        async with _translated(source):
            await self._client.copy_object(Bucket=bucket, Key=target, CopySource={"Bucket": bucket, "Key": source})

    async def delete(self, keys: Sequence[str]) -> None:
        turns = asyncio.Semaphore(DELETES_AT_ONCE_MAX)

        async def delete_one(key: str) -> None:
            # Some stores answer so for what is gone already.
            with suppress(NotFound):
                async with turns, _translated(key):
                    await self._client.delete_object(Bucket=self._place.bucket, Key=key)

        # One by one: DeleteObjects is missing in some servers, and a sweep is in no hurry.
        outcomes = await asyncio.gather(*map(delete_one, keys), return_exceptions=True)
        for outcome in outcomes:
            if outcome is not None:
                raise outcome

    async def list_pages(self, prefix: str) -> AsyncIterator[Sequence[ListedFile]]:
        after, is_more = prefix, True
        while is_more:
            async with _translated(prefix):
                page = await self._client.list_objects_v2(Bucket=self._place.bucket, Prefix=prefix, StartAfter=after)
            files = [ListedFile(entry["Key"], entry["LastModified"]) for entry in page.get("Contents", ())]
            is_more = page["IsTruncated"] and bool(files)
            if files:
                after = files[-1].key
                yield files

    async def check(self) -> None:
        """Raise Unavailable unless the bucket answers."""
        try:
            async with _translated(self._place.bucket):
                await self._client.head_bucket(Bucket=self._place.bucket)
        except NotFound:
            raise Unavailable(f"There is no bucket {self._place.bucket}.") from None


@asynccontextmanager
async def open_store(place: S3Place) -> AsyncGenerator[S3ObjectStore]:
    """Open the client, hand out the store, close the client."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=CONNECT_SECONDS_MAX,
        read_timeout=READ_SECONDS_MAX,
        max_pool_connections=CONNECTIONS_MAX,
        retries={"mode": "standard", "total_max_attempts": 3},
        # Servers that are not AWS refuse the checksum trailers that are sent by default.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    async with _session(place.key).client("s3", endpoint_url=place.endpoint_url, config=config) as client:
        yield S3ObjectStore(client, place)


async def _put_in_parts(client: S3Client, place: S3Place, key: str, file: BinaryIO, content_type: str) -> None:
    """Put the file part by part, in order; what was put is let go where not all of it comes to be there."""
    begun = await client.create_multipart_upload(Bucket=place.bucket, Key=key, ContentType=content_type)
    upload_id, parts, is_whole = begun["UploadId"], list[Part](), False
    try:
        while body := await asyncio.to_thread(file.read, place.part_bytes):
            number = len(parts) + 1
            answer = await client.upload_part(
                Bucket=place.bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body
            )
            parts.append(Part(PartNumber=number, ETag=answer["ETag"]))
        await client.complete_multipart_upload(
            Bucket=place.bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
        )
        is_whole = True
    finally:
        if not is_whole:
            # The failure that brought us here is the one to tell.
            with suppress(ClientError, BotoCoreError, ConnectionFailure, ConnectionError, TimeoutError):
                await client.abort_multipart_upload(Bucket=place.bucket, Key=key, UploadId=upload_id)


@lru_cache(maxsize=4)
def _session(key: SigningKey) -> aioboto3.Session:
    """Answer the session of a key, kept: each new one reads a megabyte of descriptions of services again."""
    return aioboto3.Session(
        aws_access_key_id=key.access_key_id, aws_secret_access_key=key.secret_access_key, region_name=key.region
    )


@asynccontextmanager
async def _translated(key: str) -> AsyncGenerator[None]:
    """Turn the client's exceptions into ours."""
    try:
        yield
    except ClientError as refused:
        error = refused.response.get("Error", {})
        if error.get("Code") in _ABSENT:
            raise NotFound("There is nothing under this key.") from refused
        raise Unavailable(f"The object storage refuses: {error.get('Code')}.") from refused
    except (BotoCoreError, ConnectionFailure, ConnectionError, TimeoutError) as lost:
        raise Unavailable(f"The object storage does not answer for {key.split('/', 1)[0]}.") from lost
