"""A client of the API that asks for storyboards and knows what it was told: yes, no, or nothing."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx

from client.documents import CREATE_STORYBOARD
from client.studio import Studio
from client.transport import LabTransport, RequestRefused

SCRIPT = "A hare laughs at a tortoise.\n\nThe tortoise walks on. The hare sleeps under a tree."


class StoryboardClient:
    """Somebody who has signed up."""

    def __init__(self, transport: LabTransport) -> None:
        self._transport = transport

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str) -> AsyncGenerator["StoryboardClient"]:
        async with LabTransport(url, timeout_seconds=30.0) as transport:
            await Studio(transport).sign_up(email="cell@example.org", password="correct horse", name="Cell")  # noqa: S106
            yield cls(transport)

    async def ask(self, title: str) -> bool | None:
        """Ask for a storyboard; answer whether the lab has accepted, or None where nobody can tell."""
        given = {"script": SCRIPT, "title": title, "language": "en", "cast": []}
        try:
            answer = await self._transport.execute(CREATE_STORYBOARD, {"input": given})
        except (RequestRefused, httpx.HTTPError, json.JSONDecodeError):
            return None
        return answer["createStoryboard"]["__typename"] == "StoryboardCreated"
