"""Server-sent events in graphql-sse's distinct connections mode: one operation a connection, ids to resume from."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.context import Context
from api.errors import extensions_of
from api.limits import Limits
from api.sessions import LiveSessions, Watched
from api.transport.answers import Answered
from api.transport.lines import HttpLine, line_of
from domain.errors import LabError, LimitExceeded, Unauthenticated

# No cache may keep it, no proxy may compress or hold it back.
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
}
HEARTBEAT = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"
TOO_SLOW = LimitExceeded("Messages are not read in time; go on from the cursor.")


@dataclass(frozen=True, slots=True)
class StreamEnds:
    """What ends a stream before its operation does: the server that goes down, the session that counts no more."""

    context: Context
    sessions: LiveSessions
    stopping: asyncio.Event

    @asynccontextmanager
    async def watch(self, ended: asyncio.Future[LabError]) -> AsyncGenerator[None]:
        """Give `ended` its refusal when the caller may no longer ask, while the block runs; or before, if at once."""

        def end(refusal: LabError) -> None:
            if not ended.done():
                ended.set_result(refusal)

        watched = await self._watched(end)
        try:
            yield
        finally:
            if watched is not None:
                watched.release()

    async def _watched(self, end: Callable[[LabError], None]) -> Watched | None:
        try:
            caller = await self.context.authenticate()
        except Unauthenticated:
            # Nobody asks, or the operation is refused and says so itself.
            return None
        except LabError as trouble:
            # Unwatched, a stream whose operation learns who asks a moment later would outlive its session.
            end(trouble)
            return None
        return self.sessions.watch(caller, lambda reason: end(Unauthenticated(reason)))


class EventStream(Response):
    """Sends `next` for each answer and `complete` at the end; stops when the client leaves or the server does."""

    def __init__(self, answers: AsyncGenerator[Answered], ends: StreamEnds, *, limits: Limits) -> None:
        super().__init__(status_code=200, headers=HEADERS)
        del self.headers["content-length"]
        self._answers = answers
        self._ends = ends
        self._heartbeat_seconds = limits.stream_heartbeat_seconds
        self._send_seconds_max = limits.socket_send_seconds_max
        self._cursor: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        ended: asyncio.Future[LabError] = asyncio.get_running_loop().create_future()
        async with self._ends.watch(ended):
            others = [asyncio.ensure_future(left(receive)), asyncio.ensure_future(self._ends.stopping.wait())]
            pump = asyncio.ensure_future(self._pump(send))
            try:
                # A pump that is cancelled before the loop comes to it has begun nothing.
                if not ended.done():
                    await asyncio.wait([pump, ended, *others], return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (pump, *others):
                    task.cancel()
                is_slow = await has_timed_out(pump)
        line = line_of(scope, HttpLine)
        if is_slow and line:
            line.cut_off(refusal_event(TOO_SLOW, cursor=self._cursor))
        elif pump.cancelled() and ended.done():
            await self._finish(send, line, refusal_event(ended.result()) + COMPLETE)
        elif pump.cancelled() and self._ends.stopping.is_set():
            await self._finish(send, line, b"")

    async def _finish(self, send: Send, line: HttpLine | None, body: bytes) -> None:
        """Send the last bytes of a stream that was cut short, whether its client reads or not."""
        try:
            async with asyncio.timeout(self._send_seconds_max):
                await send({"type": "http.response.body", "body": body, "more_body": False})
        except TimeoutError:
            if line:
                line.cut_off(body)

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
                    await self._send(send, next_event(answered))
                    self._cursor = answered.cursor or self._cursor
                    waiting = asyncio.ensure_future(anext(answers, None))
            finally:
                waiting.cancel()
                with suppress(asyncio.CancelledError):
                    await waiting
        await send({"type": "http.response.body", "body": COMPLETE, "more_body": False})

    async def _send(self, send: Send, body: bytes) -> None:
        """Send once what was sent before has left; TimeoutError, which ends the stream, for a client that reads not."""
        async with asyncio.timeout(self._send_seconds_max):
            await send({"type": "http.response.body", "body": body, "more_body": True})


def next_event(answered: Answered) -> bytes:
    # An empty id would make a client forget where it stood.
    number = f"id: {answered.cursor}\n" if answered.cursor else ""
    return number.encode() + b"event: next\ndata: " + answered.encoded + b"\n\n"


def refusal_event(refusal: LabError, *, cursor: str | None = None) -> bytes:
    """A last `next` that says why the stream ends, and where to go on if there is a place."""
    place = {"cursor": cursor} if cursor else {}
    error = {"message": refusal.message, "extensions": {**extensions_of(refusal), **place}}
    return next_event(Answered({"data": None, "errors": [error]}))


async def has_timed_out(pump: asyncio.Future[None]) -> bool:
    """Wait for the pump's end; a client that has gone is no news."""
    try:
        await pump
    except TimeoutError:
        return True
    except (asyncio.CancelledError, OSError):
        pass
    return False


async def left(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
