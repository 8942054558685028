"""Server-sent events in graphql-sse's distinct connections mode: one operation a connection, ids to resume from."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.limits import Limits
from api.transport.json import encode_json
from api.transport.operations import Answered, Ready

# No cache may keep it, no proxy may compress or hold it back.
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
}
HEARTBEAT = b":\n\n"


class EventStream(Response):
    """Sends `next` for each answer and `complete` at the end; stops when the client leaves or the server does."""

    def __init__(
        self,
        answers: AsyncGenerator[Answered],
        ready: Ready,
        *,
        limits: Limits,
        stopping: asyncio.Event,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status_code=200, headers={**HEADERS, **(headers or {})})
        del self.headers["content-length"]
        self._answers = answers
        self._context = ready.context
        self._heartbeat_seconds = limits.stream_heartbeat_seconds
        self._send_seconds_max = limits.socket_send_seconds_max
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        ends = [asyncio.ensure_future(left(receive)), asyncio.ensure_future(self._stopping.wait())]
        pump = asyncio.ensure_future(self._pump(send))
        try:
            await asyncio.wait([pump, *ends], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pump, *ends):
                task.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await pump
        if self._stopping.is_set():
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pump(self, send: Send) -> None:
        async with aclosing(self._answers) as answers:
            waiting = asyncio.ensure_future(anext(answers, None))
            try:
                while True:
                    done, _ = await asyncio.wait([waiting], timeout=self._heartbeat_seconds)
                    if not done:
                        await self._send(send, HEARTBEAT)
                        continue
                    answered = waiting.result()
                    if answered is None:
                        break
                    await self._send(send, self._next(answered))
                    waiting = asyncio.ensure_future(anext(answers, None))
            finally:
                waiting.cancel()
                with suppress(asyncio.CancelledError):
                    await waiting
        await send({"type": "http.response.body", "body": b"event: complete\ndata:\n\n", "more_body": False})

    async def _send(self, send: Send, body: bytes) -> None:
        """Send once what was sent before has left; TimeoutError, which ends the stream, for a client that reads not."""
        async with asyncio.timeout(self._send_seconds_max):
            await send({"type": "http.response.body", "body": body, "more_body": True})

    def _next(self, answered: Answered) -> bytes:
        # An empty id would make a client forget where it stood.
        number = f"id: {self._context.cursor}\n" if self._context.cursor else ""
        return number.encode() + b"event: next\ndata: " + encode_json(answered.body) + b"\n\n"


async def left(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
