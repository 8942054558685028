"""GraphQL over HTTP and over the graphql-transport-ws WebSocket, with reconnects that resume after the last cursor."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from types import TracebackType
from typing import Any, Protocol

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Data = Mapping[str, Any]
RECONNECT_SECONDS_MAX = 5.0
TRIES = 60
# Of the codes by which a lab refuses a socket, those after which one comes back: out of time, and too slow a reader.
COMES_BACK = frozenset({4408, 4410})


class RequestRefused(Exception):
    """The API answered with errors; `codes` are their `extensions.code`, in order."""

    def __init__(self, errors: list[Mapping[str, Any]]) -> None:
        super().__init__("; ".join(str(error.get("message")) for error in errors))
        self.codes = [str(error.get("extensions", {}).get("code", "")) for error in errors]


class CursorOf(Protocol):
    """Finds the cursor in one event of a subscription."""

    def __call__(self, data: Data, /) -> str | None: ...


class LabTransport:
    """One signed-in or anonymous connection to one lab; use it as an async context manager."""

    def __init__(self, url: str, *, timeout_seconds: float = 60.0) -> None:
        self.url = url.rstrip("/")
        self.token: str | None = None
        self._http = httpx.AsyncClient(timeout=timeout_seconds)

    async def __aenter__(self) -> "LabTransport":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    @property
    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} if self.token else {}

    async def execute(self, document: str, variables: Data | None = None) -> dict[str, Any]:
        """Answer `data`; raises RequestRefused for errors and httpx.HTTPError when nobody answers for a minute."""
        body = {"query": document, "variables": dict(variables or {})}
        headers = {**self._headers, "accept": "application/graphql-response+json, application/json"}
        answer = await self._http.post(f"{self.url}/graphql", json=body, headers=headers)
        result = answer.json()
        if errors := result.get("errors"):
            raise RequestRefused(errors)
        return result["data"]

    async def execute_patiently(self, document: str, variables: Data | None = None) -> dict[str, Any]:
        """The same for documents that may be sent twice (queries): repeats while the server is away."""
        for attempt in range(TRIES):
            try:
                return await self.execute(document, variables)
            except (httpx.TransportError, json.JSONDecodeError):
                await asyncio.sleep(pause_seconds(attempt))
        return await self.execute(document, variables)

    async def put(self, url: str, content: bytes, headers: Mapping[str, str]) -> None:
        answer = await self._http.put(url, content=content, headers=dict(headers))
        answer.raise_for_status()

    async def download(self, url: str) -> bytes:
        answer = await self._http.get(url)
        answer.raise_for_status()
        return answer.content

    async def subscribe(
        self, document: str, variables: Data, *, cursor_of: CursorOf
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Yield `data` of every event once and in order; a broken socket is opened again after the last cursor.

        The document takes `$after: String`. Raises RequestRefused when the operation itself is refused, and with the
        code of the socket's end when its session counts no more.
        """
        after: str | None = None
        attempt = 0
        while True:
            try:
                async with aclosing(self._listen(document, {**variables, "after": after})) as events:
                    async for data in events:
                        attempt = 0
                        after = cursor_of(data) or after
                        yield data
            except (ConnectionClosed, OSError, TimeoutError) as broken:
                if refusal := refusal_of(broken):
                    raise refusal from broken
                attempt += 1
                if attempt > TRIES:
                    raise
                await asyncio.sleep(pause_seconds(attempt))
            else:
                return

    async def _listen(self, document: str, variables: Data) -> AsyncGenerator[dict[str, Any], None]:
        address = self.url.replace("http", "ws", 1) + "/graphql"
        protocol = "graphql-transport-ws"
        async with connect(address, subprotocols=[protocol], max_size=2**22) as socket:  # pyright: ignore[reportArgumentType]
            await self._begin(socket)
            payload = {"query": document, "variables": dict(variables)}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            async for raw in socket:
                message = json.loads(raw)
                if message["type"] == "next":
                    if errors := message["payload"].get("errors"):
                        raise RequestRefused(errors)
                    yield message["payload"]["data"]
                elif message["type"] == "error":
                    raise RequestRefused(message["payload"])
                elif message["type"] == "ping":
                    await socket.send('{"type":"pong"}')
                elif message["type"] == "complete":
                    return

    async def _begin(self, socket: ClientConnection) -> None:
        await socket.send(json.dumps({"type": "connection_init", "payload": self._headers}))
        first = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if first["type"] != "connection_ack":
            raise ConnectionError(f"The lab answered {first['type']} to the greeting.")


def refusal_of(broken: Exception) -> RequestRefused | None:
    """Why the lab ended a socket, if the same would meet the next one."""
    closed = broken.rcvd if isinstance(broken, ConnectionClosed) else None
    if closed is None or not 4400 <= closed.code < 4500 or closed.code in COMES_BACK:
        return None
    return RequestRefused([{"message": closed.reason, "extensions": {"code": str(closed.code)}}])


def pause_seconds(attempt: int) -> float:
    """Full jitter, so that clients do not come back all at once."""
    return random.uniform(0.05, min(RECONNECT_SECONDS_MAX, 0.2 * 2**attempt))  # noqa: S311 - not a secret
