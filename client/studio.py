"""The lab's main job as a client does it: sign up, upload pictures, create characters, write, render, download."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client import documents
from client.transport import LabTransport

OnShot = Callable[[Mapping[str, Any]], None]
OnNews = Callable[[Mapping[str, Any]], None]
# Not the machine's own table: some know no WebP and others no HEIC, and a character would be learned from the rest.
PICTURE_TYPES: Mapping[str, str] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpe": "image/jpeg",
    ".jfif": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".heif": "image/heic",
}


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
        return PICTURE_TYPES.get(self.path.suffix.lower(), "application/octet-stream")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def announcement(self) -> dict[str, Any]:
        return {
            "fileName": self.path.name,
            "contentType": self.content_type,
            "sizeBytes": len(self.content),
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True)
class CastMember:
    """A character to be created for a film."""

    name: str
    pictures: Sequence[PictureFile]
    aliases: Sequence[str] = ()

    @property
    def metadata(self) -> dict[str, list[str]]:
        """What the lab keeps with the character, so that the same pictures are known again."""
        return {"pictures": sorted(picture.sha256 for picture in self.pictures)}


@dataclass(frozen=True, slots=True)
class FilmOrder:
    """A script and who plays in it; the lab finds out the language and the length that are left out."""

    title: str
    script: str
    cast: Sequence[CastMember]
    language: str | None = None
    style: str = ""
    seconds: float | None = None


def pictures_in(folder: Path) -> list[PictureFile]:
    """Read the pictures of a folder, in the order of their names."""
    return [PictureFile(path, path.read_bytes()) for path in sorted(folder.iterdir()) if is_picture(path)]


def passed_over(folder: Path) -> list[str]:
    """Name what else is in a folder of pictures."""
    return [path.name for path in sorted(folder.iterdir()) if not is_picture(path)]


def is_picture(path: Path) -> bool:
    """Tell by its name whether the lab reads it."""
    return path.suffix.lower() in PICTURE_TYPES and path.is_file()


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
        self._refresh_token = ""
        # A refresh token counts once: used twice, it ends the session.
        self._refreshing = asyncio.Lock()
        transport.renew = self.refresh

    async def sign_up(self, *, email: str, password: str, name: str) -> None:
        given = {"email": email, "password": password, "name": name}
        answer = await self.transport.execute(documents.SIGN_UP, {"input": given})
        self._keep(accepted(answer["signUp"], "SignedUp")["tokens"])

    async def sign_in(self, *, email: str, password: str) -> None:
        answer = await self.transport.execute(documents.SIGN_IN, {"input": {"email": email, "password": password}})
        self._keep(accepted(answer["signIn"], "SignedIn")["tokens"])

    async def refresh(self) -> bool:
        """Stay signed in: exchange the refresh token for a new pair of tokens; False where it counts no more.

        Access tokens are short-lived, and a film may take hours. Of several who ask at once the first one does it.
        """
        found = self.transport.token
        async with self._refreshing:
            return self.transport.token != found or await self._exchange()

    async def _exchange(self) -> bool:
        if not self._refresh_token:
            return False
        given = {"refreshToken": self._refresh_token}
        answer = (await self.transport.execute_once(documents.REFRESH_SESSION, {"input": given}))["refreshSession"]
        if answer["__typename"] != "SessionRefreshed":
            return False
        self._keep(answer["tokens"])
        return True

    def _keep(self, tokens: Mapping[str, str]) -> None:
        self.transport.token, self._refresh_token = tokens["accessToken"], tokens["refreshToken"]

    async def upload(self, pictures: Sequence[PictureFile]) -> list[str]:
        """Put the pictures straight into object storage; answer the uploads' ids."""
        given = {"files": [picture.announcement() for picture in pictures]}
        answer = await self.transport.execute(documents.CREATE_UPLOADS, {"input": given})
        uploads = accepted(answer["createUploads"], "UploadsCreated")["uploads"]
        for picture, upload in zip(pictures, uploads, strict=True):
            headers = {header["name"]: header["value"] for header in upload["put"]["headers"]}
            await self.transport.put(upload["put"]["url"], picture.content, headers)
        return [str(upload["id"]) for upload in uploads]

    async def create_character(self, cast: CastMember) -> str:
        """Upload the pictures and create the character; answer its id. Its pictures are then read in the background."""
        upload_ids = await self.upload(cast.pictures)
        given = {
            "name": cast.name,
            "aliases": list(cast.aliases),
            "uploadIds": upload_ids,
            "metadata": cast.metadata,
        }
        answer = await self.transport.execute(documents.CREATE_CHARACTER, {"input": given})
        return str(accepted(answer["createCharacter"], "CharacterCreated")["character"]["id"])

    async def wait_for_character(self, character_id: str) -> dict[str, Any]:
        """Follow the character until its identity is known; raises Refused when no picture of it can be used."""
        events = self.transport.subscribe(
            documents.CHARACTER_PROGRESS,
            {"id": character_id},
            cursor_of=lambda data: data["characterProgress"]["cursor"],
        )
        async with aclosing(events) as progress:
            async for data in progress:
                character = data["characterProgress"]["character"]
                if character is None:
                    break
                if character["state"] == "READY":
                    return character
                if character["state"] == "NEEDS_ATTENTION":
                    raise Refused("CharacterNeedsAttention", f"No picture of {character['name']} can be used.")
        raise Refused("CharacterDeleted", "The character was deleted meanwhile.")

    async def write_storyboard(self, order: FilmOrder, cast_ids: Sequence[str], on_shot: OnShot) -> dict[str, Any]:
        """Have the storyboard written, telling each shot as it appears; answer the storyboard."""
        given = {
            "script": order.script,
            "title": order.title,
            "language": order.language,
            "style": order.style,
            "secondsTarget": order.seconds,
            "cast": list(cast_ids),
        }
        answer = await self.transport.execute(documents.CREATE_STORYBOARD, {"input": given})
        storyboard_id = str(accepted(answer["createStoryboard"], "StoryboardCreated")["storyboard"]["id"])
        events = self.transport.subscribe(
            documents.STORYBOARD_PROGRESS,
            {"id": storyboard_id},
            cursor_of=lambda data: data["storyboardProgress"]["cursor"],
        )
        async with aclosing(events) as progress:
            async for data in progress:
                told = data["storyboardProgress"]
                if told["storyboard"] is None:
                    break
                if told["event"]["name"] == "ShotWritten" and told["shot"]:
                    on_shot(told["shot"])
                # The storyboard is told as it is now, which may be ready before its shots have all been told.
                if told["event"]["name"] == "StoryboardWritten":
                    return {"id": storyboard_id, **told["storyboard"]}
                if told["storyboard"]["state"] == "FAILED":
                    raise Refused("StoryboardFailed", told["storyboard"]["failure"])
        raise Refused("StoryboardDeleted", "The storyboard was deleted meanwhile.")

    async def quote(self, storyboard_id: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Answer what a render would film and cost, shot by shot."""
        variables = {"storyboardId": storyboard_id, "settings": dict(settings)}
        answer = await self.transport.execute_patiently(documents.QUOTE_RENDER, variables)
        return answer["quoteRender"]

    async def request_render(self, storyboard_id: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        given = {"storyboardId": storyboard_id, "settings": dict(settings)}
        answer = await self.transport.execute(documents.REQUEST_RENDER, {"input": given})
        return accepted(answer["requestRender"], "RenderRequested")["render"]

    async def follow_render(self, render_id: str, on_news: OnNews) -> None:
        """Tell what happens to a render until it is over; after a break, what comes after the last event told."""
        events = self.transport.subscribe(
            documents.RENDER_PROGRESS, {"id": render_id}, cursor_of=lambda data: data["renderProgress"]["cursor"]
        )
        async with aclosing(events) as progress:
            async for data in progress:
                on_news(data["renderProgress"])

    async def read_render(self, render_id: str) -> dict[str, Any]:
        """Answer the render as it stands; raises Refused where it is there no more."""
        render = (await self.transport.execute_patiently(documents.RENDER, {"id": render_id}))["render"]
        if render is None:
            raise Refused("RenderDeleted", "The render was deleted meanwhile.")
        return render

    async def download(self, film: Mapping[str, Any], out: Path) -> None:
        """Fetch the film, and its poster and captions beside it."""
        for name, path in (("video", out), ("poster", out.with_suffix(".jpg")), ("captions", out.with_suffix(".vtt"))):
            content = await self.transport.download(film[name]["url"])
            await asyncio.to_thread(path.write_bytes, content)
