"""The lab's main job as a client does it: sign up, upload pictures, create characters, write, render, download."""

import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client import documents
from client.transport import LabTransport

PICTURE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/avif", "image/heic")


class Refused(Exception):
    """The lab said no, and why; `fact` is the name of the refusal in the schema."""

    def __init__(self, fact: str, message: str) -> None:
        super().__init__(f"{message} ({fact})")
        self.fact = fact


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture on this machine."""

    path: Path
    content: bytes

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.path.name)[0] or "application/octet-stream"

    def announcement(self) -> dict[str, Any]:
        digest = hashlib.sha256(self.content).hexdigest()
        return {
            "fileName": self.path.name,
            "contentType": self.content_type,
            "sizeBytes": len(self.content),
            "sha256": digest,
        }


def pictures_in(folder: Path) -> list[PictureFile]:
    """Read the pictures of a folder, in the order of their names."""
    paths = sorted(path for path in folder.iterdir() if mimetypes.guess_type(path.name)[0] in PICTURE_TYPES)
    return [PictureFile(path, path.read_bytes()) for path in paths]


def accepted(answer: Mapping[str, Any], *successes: str) -> dict[str, Any]:
    """Answer a result union's success; raises Refused with the fact that came instead."""
    kind = str(answer["__typename"])
    if kind not in successes:
        raise Refused(kind, str(answer.get("message", "")))
    return dict(answer)


class Studio:
    """What a signed-in user does, one method a step."""

    def __init__(self, transport: LabTransport) -> None:
        self.transport = transport

    async def sign_up(self, *, email: str, password: str, name: str) -> None:
        given = {"email": email, "password": password, "name": name}
        answer = await self.transport.execute(documents.SIGN_UP, {"input": given})
        self.transport.token = accepted(answer["signUp"], "SignedUp")["tokens"]["accessToken"]

    async def sign_in(self, *, email: str, password: str) -> None:
        answer = await self.transport.execute(documents.SIGN_IN, {"input": {"email": email, "password": password}})
        self.transport.token = accepted(answer["signIn"], "SignedIn")["tokens"]["accessToken"]

    async def upload(self, pictures: Sequence[PictureFile]) -> list[str]:
        """Put the pictures straight into object storage; answer the uploads' ids."""
        given = {"files": [picture.announcement() for picture in pictures]}
        answer = await self.transport.execute(documents.CREATE_UPLOADS, {"input": given})
        uploads = accepted(answer["createUploads"], "UploadsCreated")["uploads"]
        for picture, upload in zip(pictures, uploads, strict=True):
            headers = {header["name"]: header["value"] for header in upload["put"]["headers"]}
            await self.transport.put(upload["put"]["url"], picture.content, headers)
        return [str(upload["id"]) for upload in uploads]
