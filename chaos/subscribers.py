"""Clients that listen to a workspace's events, drop and resume all the time, and keep a transcript of it."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import TypedDict

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from api.paging import decode_cursor, encode_cursor

FEED = "subscription($after: String) { workspaceEvents(after: $after) { cursor subjectId number name } }"
BEGINNING = encode_cursor("0-0")
CONNECT_SECONDS = 5.0
LOST = (OSError, TimeoutError, WebSocketException, httpx.HTTPError, ValueError, EOFError)


class Heard(TypedDict):
    """One event as a subscriber hears it."""

    cursor: str
    subjectId: str
    number: int
    name: str


@dataclass
class Subscriber:
    """Listens over a WebSocket or over server-sent events; `transcript` is all that it ever heard, in order.

    One that `is_steady` never drops by itself; `ended` counts how often the lab ended what it had begun to tell.
    """

    api_url: str
    workspace_id: str
    token: str
    chance: random.Random
    has_socket: bool = True
    transcript: list[Heard] = field(default_factory=list[Heard])
    is_steady: bool = False
    ended: int = 0
    is_calm: bool = False

    @property
    def cursor(self) -> str:
        return self.transcript[-1]["cursor"] if self.transcript else BEGINNING

    @property
    def heard(self) -> list[str]:
        """The store's own cursors of what was heard."""
        return [decode_cursor(each["cursor"]) for each in self.transcript]

    @property
    def last_heard(self) -> str | None:
        return decode_cursor(self.cursor) if self.transcript else None

    async def listen_for_ever(self) -> None:
        """Drop the connection after a while, by chance, and resume behind the last event heard."""
        while True:
            patience = 3600.0 if self.is_calm or self.is_steady else self.chance.uniform(0.2, 2.0)
            heard = len(self.transcript)
            try:
                async with asyncio.timeout(patience):
                    await self._listen()
                has_ended = True
            except ConnectionClosed as closed:
                # A process that is killed says no goodbye.
                has_ended = closed.rcvd is not None
            except LOST:
                has_ended = False
            self.ended += has_ended and len(self.transcript) > heard
            await asyncio.sleep(self.chance.uniform(0.02, 0.2))

    async def _listen(self) -> None:
        answers = self._over_socket() if self.has_socket else self._over_http()
        async with aclosing(answers):
            async for answer in answers:
                self.transcript.append(answer)

    @property
    def _payload(self) -> dict[str, object]:
        return {"query": FEED, "variables": {"after": self.cursor}}

    async def _over_socket(self) -> AsyncGenerator[Heard]:
        address = self.api_url.replace("http", "ws", 1) + "/graphql"
        protocol = "graphql-transport-ws"
        async with connect(address, subprotocols=[protocol], open_timeout=CONNECT_SECONDS) as socket:  # pyright: ignore[reportArgumentType]
            greeting = {"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}}
            await socket.send(json.dumps(greeting))
            await socket.recv()
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": self._payload}))
            async for raw in socket:
                message = json.loads(raw)
                if message["type"] == "ping":
                    await socket.send('{"type":"pong"}')
                elif message["type"] == "next" and message["payload"].get("data"):
                    yield message["payload"]["data"]["workspaceEvents"]
                elif message["type"] != "pong":
                    return

    async def _over_http(self) -> AsyncGenerator[Heard]:
        headers = {"authorization": f"Bearer {self.token}", "accept": "text/event-stream"}
        timeout = httpx.Timeout(CONNECT_SECONDS, read=30.0)
        async with (
            httpx.AsyncClient(timeout=timeout, verify=False) as client,  # noqa: S501 - loopback, and no TLS at all
            client.stream("POST", f"{self.api_url}/graphql", json=self._payload, headers=headers) as answer,
        ):
            async for line in answer.aiter_lines():
                if line.startswith("data:") and (said := line.removeprefix("data:").strip()):
                    data = json.loads(said).get("data")
                    if not data:
                        return
                    yield data["workspaceEvents"]


async def listen_to_nothing(api_url: str, token: str, *, seconds: float) -> None:
    """Subscribe and never read: the server must not grow for it, nor be held up by it."""
    address = api_url.replace("http", "ws", 1) + "/graphql"
    protocol = "graphql-transport-ws"
    with suppress(*LOST):
        async with connect(address, subprotocols=[protocol], max_queue=1, close_timeout=0.2) as socket:  # pyright: ignore[reportArgumentType]
            await socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
            payload = {"query": FEED, "variables": {"after": BEGINNING}}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            socket.transport.pause_reading()
            await asyncio.sleep(seconds)
