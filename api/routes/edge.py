"""The edge of the server: request ids, security headers and the access log."""

import time
from secrets import token_hex

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("api.access")
REQUEST_ID_CHARACTERS_MAX = 64
SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


class Edge:
    """Wraps the whole application, its error route too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        exchange = Exchange(scope, send)
        try:
            await self.app(scope, receive, exchange.send)
        finally:
            exchange.write_log()


class Exchange:
    """One request or one socket: its id, its status, and how long it took."""

    def __init__(self, scope: Scope, send: Send) -> None:
        connection = HTTPConnection(scope)
        given = connection.headers.get("x-request-id", "")
        is_usable = 0 < len(given) <= REQUEST_ID_CHARACTERS_MAX and given.replace("-", "").isalnum() and given.isascii()
        self.request_id = given if is_usable else token_hex(8)
        scope["request_id"] = self.request_id
        self._scope = scope
        self._send = send
        self._address = connection.client.host if connection.client else None
        self._started = time.perf_counter()
        self._status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.request_id
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        elif message["type"] in ("websocket.accept", "websocket.close"):
            self._status = message.get("code", 101)
        await self._send(message)

    def write_log(self) -> None:
        log.info(
            "request",
            request_id=self.request_id,
            method=self._scope.get("method", "WEBSOCKET"),
            path=self._scope["path"],
            status=self._status,
            milliseconds=round((time.perf_counter() - self._started) * 1000, 1),
            address=self._address,
        )
