"""GraphQL over HTTP and over the graphql-transport-ws WebSocket, with reconnects that resume after the last cursor."""

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from types import TracebackType
from typing import Any, Protocol, TypeGuard

import httpx
from websockets.asyncio.client import ClientConnection, connect, process_exception
from websockets.exceptions import ConnectionClosed, InvalidHandshake

Data = Mapping[str, Any]
RECONNECT_SECONDS_MAX = 5.0
TRIES = 60
# A connection that has held so long was a good one: what breaks it is a new beginning of tries.
GOOD_SECONDS = 60.0
# Of the codes by which a lab refuses a socket, those after which one comes back: out of time, and too slow a reader.
COMES_BACK = frozenset({4408, 4410})
# The token has run out or was revoked; with a new one everything goes on.
SIGNED_OUT = frozenset({"4401", "4403", "UNAUTHENTICATED"})


class RequestRefused(Exception):
    """The API answered with errors; `codes` are their `extensions.code`, in order."""

    def __init__(self, errors: list[Mapping[str, Any]]) -> None:
        super().__init__("; ".join(str(error.get("message")) for error in errors))
        self.codes = [str(error.get("extensions", {}).get("code", "")) for error in errors]

    @property
    def is_signed_out(self) -> bool:
        return bool(SIGNED_OUT.intersection(self.codes))

    @property
    def is_passing(self) -> bool:
        """Whether the lab was without its database for a moment, and nothing else is wrong."""
        return set(self.codes) == {"UNAVAILABLE"}


class NoGraphQL(httpx.TransportError):
    """What answered is no lab, such as a gateway before one that is away; the same may be answered later."""


class CursorOf(Protocol):
    """Finds the cursor in one event of a subscription."""

    def __call__(self, data: Data, /) -> str | None: ...


class LabTransport:
    """One signed-in or anonymous connection to one lab; use it as an async context manager.

    `renew`, where it is set, gets a new token when the old one counts no more; False where there is none to be had.
    """

    def __init__(self, url: str, *, timeout_seconds: float = 60.0) -> None:
        self.url = url.rstrip("/")
        self.token: str | None = None
        self.renew: Callable[[], Awaitable[bool]] | None = None
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
        """Answer `data`; raises RequestRefused for errors and httpx.HTTPError when no lab answers for a minute."""
        token = self.token
        try:
            return await self.execute_once(document, variables)
        except RequestRefused as refused:
            # Who is not signed in has changed nothing: the same may be asked again.
            if not await self._is_renewed(refused, token):
                raise
        return await self.execute_once(document, variables)

    async def _is_renewed(self, refused: RequestRefused, token: str | None) -> bool:
        """Whether to ask again: with another token than was refused, or because none could be had just now."""
        if not refused.is_signed_out:
            return False
        if self.token != token:
            return True
        if self.renew is None:
            return False
        try:
            return await self.renew()
        except httpx.TransportError:
            return True
        except RequestRefused as away:
            return away.is_passing

    async def execute_once(self, document: str, variables: Data | None = None) -> dict[str, Any]:
        """The same with the token as it is."""
        body = {"query": document, "variables": dict(variables or {})}
        headers = {**self._headers, "accept": "application/graphql-response+json, application/json"}
        return data_of(await self._http.post(f"{self.url}/graphql", json=body, headers=headers))

    async def execute_patiently(self, document: str, variables: Data | None = None) -> dict[str, Any]:
        """The same for documents that may be sent twice (queries): repeats while the lab or its database is away."""
        for attempt in range(TRIES):
            try:
                return await self.execute(document, variables)
            except httpx.TransportError:
                pass
            except RequestRefused as refused:
                if not refused.is_passing:
                    raise
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
            began, token = time.monotonic(), self.token
            try:
                async with aclosing(self._listen(document, {**variables, "after": after})) as events:
                    async for data in events:
                        attempt = 0
                        after = cursor_of(data) or after
                        yield data
            except (ConnectionClosed, InvalidHandshake, OSError, TimeoutError, RequestRefused) as broken:
                attempt = 1 if time.monotonic() - began > GOOD_SECONDS else attempt + 1
                if attempt > TRIES or not await self._is_to_come_back(broken, token):
                    raise refusal_of(broken) or broken from None
                await asyncio.sleep(pause_seconds(attempt))
            else:
                return

    async def _is_to_come_back(self, broken: Exception, token: str | None) -> bool:
        """Whether the next socket may fare better than this one did."""
        refusal = refusal_of(broken)
        if refusal is not None:
            return refusal.is_passing or await self._is_renewed(refusal, token)
        return isinstance(broken, ConnectionClosed) or process_exception(broken) is None

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
        raise ConnectionError("The lab closed the socket before the end.")

    async def _begin(self, socket: ClientConnection) -> None:
        await socket.send(json.dumps({"type": "connection_init", "payload": self._headers}))
        first = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if first["type"] != "connection_ack":
            raise ConnectionError(f"The lab answered {first['type']} to the greeting.")


def data_of(answer: httpx.Response) -> dict[str, Any]:
    """Read a lab's answer; raises RequestRefused for errors, and NoGraphQL where it is none of a lab."""
    try:
        result = answer.json()
    except ValueError:
        result = None
    told: dict[str, Any] = result if isinstance(result, dict) else {}
    errors = told.get("errors")
    if are_errors(errors):
        raise RequestRefused(errors)
    if isinstance(data := told.get("data"), dict):
        return data
    raise NoGraphQL(f"{answer.status_code} {answer.reason_phrase} from {answer.url.host}, and no GraphQL.")


def are_errors(told: object) -> TypeGuard[list[Mapping[str, Any]]]:
    """Tell GraphQL's errors from those of others, which gateways speak of in JSON, too."""
    return isinstance(told, list) and bool(told) and all(isinstance(each, dict) and "message" in each for each in told)


def refusal_of(broken: Exception) -> RequestRefused | None:
    """Why the lab ended a socket, if the same would meet the next one."""
    if isinstance(broken, RequestRefused):
        return broken
    closed = broken.rcvd if isinstance(broken, ConnectionClosed) else None
    if closed is None or not 4400 <= closed.code < 4500 or closed.code in COMES_BACK:
        return None
    return RequestRefused([{"message": closed.reason, "extensions": {"code": str(closed.code)}}])


def pause_seconds(attempt: int) -> float:
    """Full jitter, so that clients do not come back all at once."""
    return random.uniform(0.05, min(RECONNECT_SECONDS_MAX, 0.2 * 2**attempt))  # noqa: S311 - not a secret
