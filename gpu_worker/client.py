"""The worker's side of the protocol: calls that are repeated until they are answered, and files by presigned URL."""

import asyncio
import hashlib
import random
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import httpx
import structlog
from pydantic import ValidationError

from contracts import protocol
from contracts.commands import Message

PAUSE_SECONDS_MAX = 5.0
CALL_SECONDS = 10.0
FILE_SECONDS = 120.0
CHUNK_BYTES = 256 * 1024

Answer = TypeVar("Answer", bound=Message)
log = structlog.get_logger()


class Stale(Exception):
    """The fence is stale: the job has been given to another, so the work is dropped."""


class Refused(Exception):
    """The other side understood and said no; asking again would not help."""


class Away(Exception):
    """The other side does not answer, or not now."""


class ControlClient:
    """Speaks to the control application, and to the object storage by the URLs that it hands out."""

    def __init__(self, url: str, token: str) -> None:
        self._control = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=CALL_SECONDS
        )
        # Its own client, because the token is nobody else's business.
        self._files = httpx.AsyncClient(timeout=httpx.Timeout(FILE_SECONDS, connect=CALL_SECONDS))

    async def close(self) -> None:
        await self._control.aclose()
        await self._files.aclose()

    async def call(self, path: str, message: Message, answer: type[Answer], *, seconds: float = CALL_SECONDS) -> Answer:
        """Call once; raises Stale, Refused or Away."""
        try:
            response = await self._control.post(path, content=message.model_dump_json(), timeout=seconds)
        except httpx.TransportError as lost:
            raise Away(type(lost).__name__) from lost
        if response.status_code == 409:
            raise Stale(response.text)
        if response.status_code == 429 or response.status_code >= 500:
            raise Away(f"{response.status_code} {response.text[:200]}")
        if response.status_code != 200:
            raise Refused(f"{response.status_code} {response.text[:500]}")
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as unknown:
            raise Refused(f"The answer to {path} does not fit the protocol.") from unknown

    async def insist(self, path: str, message: Message, answer: type[Answer]) -> Answer:
        """Call until there is an answer, with a growing pause; raises Stale or Refused."""
        failures = 0
        while True:
            try:
                return await self.call(path, message, answer)
            except Away as away:
                failures += 1
                log.info("control_away", reason=str(away), failures=failures)
                await asyncio.sleep(pause_seconds(failures))

    async def fetch(self, wanted: protocol.InputFile, target: Path) -> None:
        """Fetch an input and check its size and digest; raises Away or Refused."""
        # Workers of one machine may share the folder.
        partial = target.with_suffix(f".{uuid4().hex}.part")
        try:
            await self._fetch(wanted, partial)
            partial.rename(target)
        finally:
            partial.unlink(missing_ok=True)

    async def _fetch(self, wanted: protocol.InputFile, partial: Path) -> None:
        digest, size = hashlib.sha256(), 0
        try:
            async with self._files.stream("GET", wanted.url) as response:
                check_file(response)
                with partial.open("wb") as file:
                    async for chunk in response.aiter_bytes(CHUNK_BYTES):
                        size += len(chunk)
                        if size > wanted.size_bytes:
                            break
                        digest.update(chunk)
                        file.write(chunk)
        except httpx.TransportError as lost:
            raise Away(type(lost).__name__) from lost
        if (size, digest.hexdigest()) != (wanted.size_bytes, wanted.sha256):
            raise Away(f"The input {wanted.name} arrived damaged.")

    async def put(self, path: Path, answer: protocol.OutputAnswer) -> None:
        """Put an output where the answer says, with exactly its headers; raises Away or Refused."""
        try:
            response = await self._files.put(answer.url, content=read_chunks(path), headers=answer.headers)
        except httpx.TransportError as lost:
            raise Away(type(lost).__name__) from lost
        check_file(response)


def check_file(response: httpx.Response) -> None:
    if response.status_code >= 500 or response.status_code in {408, 429}:
        raise Away(f"The object storage answers {response.status_code}.")
    if response.status_code >= 300:
        raise Refused(f"The object storage answers {response.status_code}.")


async def read_chunks(path: Path) -> AsyncGenerator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk


def pause_seconds(failures: int) -> float:
    """Grow up to a few seconds, spread so that workers do not come back all at once."""
    return min(PAUSE_SECONDS_MAX, 0.1 * 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0)  # noqa: S311
