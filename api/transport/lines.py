"""uvicorn's protocols with a last word: it is written past a full buffer, and the end does not wait for ever.

uvicorn waits for room before every message, a close included, and closes a connection only when all of it has left: a
client that never reads again would be kept until its machine goes. Nor does it bound a request's head, which it keeps
whole, or how long one may take to arrive.
"""

import asyncio
from typing import TypeVar

from starlette.types import Scope
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from api.limits import Limits

LINE = "lab.line"
ABORT_SECONDS = 10.0
HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

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
    """A response that can be ended although its client does not read; a head has to be small and soon there.

    A head is awaited from the connection, or from the end of the request before, until it is complete. Its time runs
    from the connection, or from its first byte: between requests uvicorn's own timer runs.
    """

    head_bytes_max: int
    head_seconds_max: float
    _is_in_head = True
    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as uvicorn has it
        super().connection_made(transport)
        self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Hand the parser no more of a head than may be, and the rest only where the head has ended by then."""
        if not self._is_in_head:
            super().data_received(data)
            return
        self._start_head_timer()
        room = self.head_bytes_max - self._head_bytes
        self._head_bytes += len(data)
        super().data_received(data[:room])
        if self._is_in_head and self._head_bytes > self.head_bytes_max:
            self._refuse_head()
        elif len(data) > room and not self.transport.is_closing() and self.transport.get_protocol() is self:
            super().data_received(data[room:])

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {LINE: {LINE: self}}

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._stop_head_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._is_in_head, self._head_bytes = True, 0

    def _start_head_timer(self) -> None:
        self._head_timer = self._head_timer or self.loop.call_later(self.head_seconds_max, self._end_waiting)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
        self._head_timer = None

    def _end_waiting(self) -> None:
        self._head_timer = None
        # Some clients send an empty line behind a body: it must not cost them an answer that takes its time.
        if not self._is_answering():
            self.transport.close()

    def _refuse_head(self) -> None:
        if self.transport.is_closing():
            return
        if not self._is_answering():
            self.transport.write(HEAD_TOO_LARGE)
        self.transport.close()

    def _is_answering(self) -> bool:
        # uvicorn has none before the first head.
        return bool(self.cycle) and not self.cycle.response_complete

    def cut_off(self, body: bytes) -> None:
        """End a chunked response with these bytes, behind what was sent before; abort if they are not taken in time."""
        if not self.transport.is_closing():
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            self.transport.write(chunk + b"0\r\n\r\n")
            self.loop.call_later(ABORT_SECONDS, self.transport.abort)


def bounded_line(limits: Limits) -> type[HttpLine]:
    """The protocol for uvicorn to make of each connection."""

    class BoundedLine(HttpLine):
        head_bytes_max = limits.head_bytes_max
        head_seconds_max = limits.head_seconds_max

    return BoundedLine


def line_of(scope: Scope, kind: type[T]) -> T | None:
    """The line under a request or a socket, if the server is ours."""
    line: object = (scope.get("extensions") or {}).get(LINE, {}).get(LINE)
    return line if isinstance(line, kind) else None
