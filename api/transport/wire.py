"""The wire of one WebSocket: JSON objects in and out, and closing with a code of graphql-transport-ws."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from starlette.websockets import WebSocket, WebSocketDisconnect

from api.transport.json import NotJson, decode_json, encode_json
from api.transport.lines import SocketLine, line_of
from domain.events import Json

REASON_BYTES_MAX = 123  # what a close frame holds
ID_CHARACTERS_MAX = 255
SLOW_READER = 4410


class Closing(Exception):
    """The socket is to be closed, with a code of the protocol and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore")


class SlowReader(Closing):
    """Messages are not read in time; the reason has the cursors to go on from, those that fit."""

    def __init__(self, cursors: Mapping[str, str] | None = None) -> None:
        told = dict(cursors or {})
        while len(encode_json({"after": told})) > REASON_BYTES_MAX:
            told.popitem()
        super().__init__(SLOW_READER, encode_json({"after": told}).decode())


class Wire:
    """Reads and writes messages; what is no JSON object raises Closing, a client that left WebSocketDisconnect."""

    def __init__(self, socket: WebSocket, *, depth_max: int, send_seconds_max: float) -> None:
        self._socket = socket
        self._send_seconds_max = send_seconds_max
        self._depth_max = depth_max

    async def messages(self) -> AsyncIterator[Mapping[str, Json]]:
        while True:
            received = await self._socket.receive()
            if received["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(received.get("code", 1005))
            yield self._read(received.get("text"))

    def _read(self, text: object) -> Mapping[str, Json]:
        if not isinstance(text, str):
            raise Closing(4400, "A message is text, not binary.")
        try:
            message = decode_json(text, depth_max=self._depth_max)
        except NotJson as refusal:
            raise Closing(4400, refusal.message) from None
        if not isinstance(message, dict):
            raise Closing(4400, "A message is a JSON object.")
        return message

    async def send(self, message: Mapping[str, object]) -> None:
        """Send a message once those before it have left; raise Closing for a client that does not read them."""
        try:
            async with asyncio.timeout(self._send_seconds_max):
                await self._socket.send_text(encode_json(message).decode())
        except TimeoutError:
            raise SlowReader from None

    async def close(self, closing: Closing) -> None:
        """Close, without waiting for a client that does not read."""
        if line := line_of(self._socket.scope, SocketLine):
            line.cut_off(closing.code, closing.reason)
            return
        try:
            await self._socket.close(closing.code, closing.reason)
        except (WebSocketDisconnect, RuntimeError):
            return  # The client was faster.


def operation_id(message: Mapping[str, Json]) -> str:
    """The id of a message about an operation; a message without one closes the socket."""
    key = message.get("id")
    if not isinstance(key, str) or not 0 < len(key) <= ID_CHARACTERS_MAX:
        raise Closing(4400, "A message about an operation has its `id`, a string.")
    return key
