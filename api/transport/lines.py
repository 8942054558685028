"""uvicorn's protocols with a last word: it is written past a full buffer, and the end does not wait for ever.

uvicorn waits for room before every message, a close included, and closes a connection only when all of it has left: a
client that never reads again would be kept until its machine goes.
"""

from typing import TypeVar

from starlette.types import Scope
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

LINE = "lab.line"
ABORT_SECONDS = 10.0

T = TypeVar("T")


class SocketLine(WebSocketsSansIOProtocol):
    """A WebSocket that can be closed although its client does not read."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"] = {**(self.scope.get("extensions") or {}), LINE: {LINE: self}}

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if message["type"] == "websocket.accept":
            # Thousands of sockets need not remember how they were opened: 4 KiB each.
            del self.request, self.response

    def cut_off(self, code: int, reason: str) -> None:
        """Close, behind what was sent before; abort if the client has not taken it in time."""
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        if self.read_paused:
            # The client's own close has to be seen.
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(ABORT_SECONDS, self.transport.abort)


class HttpLine(HttpToolsProtocol):
    """A response that can be ended although its client does not read."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {LINE: {LINE: self}}

    def cut_off(self, body: bytes) -> None:
        """End a chunked response with these bytes, behind what was sent before; abort if they are not taken in time."""
        if not self.transport.is_closing():
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            self.transport.write(chunk + b"0\r\n\r\n")
            self.loop.call_later(ABORT_SECONDS, self.transport.abort)


def line_of(scope: Scope, kind: type[T]) -> T | None:
    """The line under a request or a socket, if the server is ours."""
    line: object = (scope.get("extensions") or {}).get(LINE, {}).get(LINE)
    return line if isinstance(line, kind) else None
