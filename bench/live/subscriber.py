"""The lightest client of graphql-transport-ws that there can be: it keeps when events were sent and when they came."""

import asyncio
import json
import re
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

MASK = b"\0\0\0\0"  # A mask of zeros leaves the payload as it is.
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SENT = re.compile(rb'"sent":([0-9.]+)')
HANDSHAKE = (
    "GET /graphql HTTP/1.1\r\nhost: lab\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n"
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
)


@dataclass(slots=True)
class Tally:
    """What a crowd has seen."""

    heard: set[int] = field(default_factory=set[int])
    received: int = 0
    latencies: list[float] = field(default_factory=list[float])
    last_at: float = 0.0
    lost: int = 0

    def take(self, subscriber: int, payload: bytes) -> None:
        now = time.time()
        self.heard.add(subscriber)
        found = SENT.search(payload)
        if found and (sent := float(found[1])) > 0:
            self.received += 1
            self.last_at = now
            self.latencies.append(now - sent)


class Subscriber(asyncio.Protocol):
    """One socket with one subscription; `began` is called once it has been asked for."""

    __slots__ = ("_began", "_buffer", "_init", "_is_open", "_number", "_subscribe", "_tally", "transport")
    transport: asyncio.Transport

    def __init__(self, number: int, token: str, payload: object, *, tally: Tally, began: Callable[[], None]) -> None:
        self._number = number
        self._tally = tally
        self._began = began
        self._buffer = b""
        self._is_open = False
        self._init = json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}).encode()
        self._subscribe = json.dumps({"id": "1", "type": "subscribe", "payload": payload}).encode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(HANDSHAKE.encode())

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._tally.lost += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_open:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            assert b" 101 " in head.split(b"\r\n", 1)[0], head
            self._is_open, self._buffer = True, rest
            self._send(TEXT, self._init)
            self._init = b""
        while frame := self._frame():
            self._take(*frame)

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 127, 2
        if size == 126 and len(buffer) >= 4:
            size, start = struct.unpack_from("!H", buffer, 2)[0], 4
        elif size > 125:
            assert size == 126, "messages of this measurement are short"
            return None
        if len(buffer) < start + size:
            return None
        self._buffer = buffer[start + size :]
        return buffer[0] & 15, buffer[start : start + size]

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == PING:
            self._send(PONG, payload)
        elif kind == TEXT and b'"next"' in payload:
            self._tally.take(self._number, payload)
        elif kind == TEXT and b"connection_ack" in payload:
            self._send(TEXT, self._subscribe)
            self._subscribe = b""
            self._began()
        elif kind == TEXT and b'"error"' in payload:
            self._tally.lost += 1

    def _send(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        head = struct.pack("!BB", 128 | kind, 128 | size) if size < 126 else struct.pack("!BBH", 128 | kind, 254, size)
        self.transport.write(head + MASK + payload)
