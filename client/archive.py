"""What an account has already: the character of the same pictures, the storyboard of the same script."""

import unicodedata
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from client import documents
from client.studio import CastMember, FilmOrder
from client.transport import LabTransport


async def find_character(transport: LabTransport, member: CastMember) -> dict[str, Any] | None:
    """Answer the account's newest character of that name made from the same pictures, one that is ready before others.

    Only characters that this client created are found: it keeps the pictures' digests in their metadata.
    """
    found: dict[str, Any] | None = None
    async with aclosing(listed(transport, documents.CHARACTERS, "characters")) as characters:
        async for character in characters:
            if is_same_line(character["name"], member.name) and is_made_of(character, member):
                if character["state"] == "READY":
                    return character
                found = found or character
    return found


def is_made_of(character: dict[str, Any], member: CastMember) -> bool:
    metadata = character["metadata"] or {}
    return metadata.get("pictures") == member.metadata["pictures"]


async def find_storyboard(transport: LabTransport, order: FilmOrder, cast_ids: Sequence[str]) -> dict[str, Any] | None:
    """Answer the newest storyboard that was written from the same order and cast, with what was edited in it since."""
    async with aclosing(listed(transport, documents.STORYBOARDS, "storyboards")) as storyboards:
        async for listing in storyboards:
            if not (listing["state"] == "READY" and is_same_line(listing["title"], order.title)):
                continue
            answer = await transport.execute_patiently(documents.STORYBOARD, {"id": listing["id"]})
            storyboard = answer["storyboard"]
            if storyboard is not None and is_written_from(storyboard, order, cast_ids):
                return storyboard
    return None


def is_written_from(storyboard: dict[str, Any], order: FilmOrder, cast_ids: Sequence[str]) -> bool:
    """Tell whether an order would be written the same again; a language left out is the one found before."""
    return (
        storyboard["script"] == order.script
        and is_same_line(storyboard["style"], order.style)
        and storyboard["secondsTarget"] == order.seconds
        and order.language in (None, storyboard["language"])
        and {member["id"] for member in storyboard["cast"]} == set(cast_ids)
    )


def is_same_line(kept: str, given: str) -> bool:
    """Compare as the lab keeps one line of text: composed, with single spaces."""
    return kept == " ".join(unicodedata.normalize("NFC", given).split())


async def listed(transport: LabTransport, document: str, name: str) -> AsyncGenerator[dict[str, Any], None]:
    """Yield a list's items, newest first, a page at a time."""
    after: str | None = None
    while True:
        page = (await transport.execute_patiently(document, {"after": after}))[name]
        for node in page["nodes"]:
            yield node
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
