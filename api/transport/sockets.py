"""graphql-transport-ws: every operation with a context of its own, every malformed message with a code of the protocol.

A message that is no message of the protocol closes the socket (4400); an operation that cannot run gets its own `error`
and leaves the others alone.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import replace

from graphql import OperationType
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.context import Visit
from api.errors import visible
from api.transport.asked import Asked, read_asked
from api.transport.json import NotJson, decode_json, encode_json
from api.transport.operations import Answered, NotRunnable, Operations, Ready, refused
from api.transport.visits import bearer
from domain.errors import Invalid, LabError, LimitExceeded, Unauthenticated
from domain.events import Json

ID_CHARACTERS_MAX = 255
REASON_BYTES_MAX = 123


class Closing(Exception):
    """The socket is to be closed, with a code of the protocol and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore")


class Conversation:
    """One socket from its handshake to its end; owns the tasks of its operations and its timers."""

    def __init__(self, socket: WebSocket, operations: Operations, visit: Visit) -> None:
        self._socket = socket
        self._operations = operations
        self._limits = operations.limits
        self._visit = visit
        self._has_init = False
        self._is_acknowledged = False
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def hold(self) -> None:
        """Converse until the client leaves or the protocol ends it; nothing that was started outlives this."""
        self._spawn(self._expect_init())
        self._spawn(self._listen())
        try:
            await self._ending
        except Closing as closing:
            await self._stop()
            await self._close(closing)
        except WebSocketDisconnect:
            return
        finally:
            await self._stop()

    def _spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run beside the others; whatever it raises ends the conversation."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or self._ending.done():
            return
        if (raised := task.exception()) is not None:
            self._ending.set_exception(raised)

    async def _stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _close(self, closing: Closing) -> None:
        try:
            await self._socket.close(closing.code, closing.reason)
        except (WebSocketDisconnect, RuntimeError):
            return  # The client was faster.

    async def _listen(self) -> None:
        async for text in self._texts():
            try:
                message = decode_json(text, depth_max=self._limits.body_depth_max)
            except NotJson as refusal:
                raise Closing(4400, refusal.message) from None
            if not isinstance(message, dict):
                raise Closing(4400, "A message is a JSON object.")
            await self._take(message)

    async def _texts(self) -> AsyncIterator[str]:
        while True:
            received = await self._socket.receive()
            if received["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(received.get("code", 1005))
            text = received.get("text")
            if not isinstance(text, str):
                raise Closing(4400, "A message is text, not binary.")
            yield text

    async def _take(self, message: Mapping[str, Json]) -> None:
        match message.get("type"):
            case "connection_init":
                await self._init(message.get("payload"))
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                return
            case "subscribe":
                await self._subscribe(operation_id(message), message.get("payload"))
            case "complete":
                self._cancel(operation_id(message))
            case _:
                raise Closing(4400, "That is no message type of graphql-transport-ws.")

    async def _init(self, payload: Json) -> None:
        if self._has_init:
            raise Closing(4429, "Too many initialisation requests")
        if not isinstance(payload, dict | None):
            raise Closing(4400, "The payload of connection_init is an object, null, or left out.")
        self._has_init = True
        if payload and (token := bearer(payload.get("authorization", payload.get("Authorization")))):
            self._visit = replace(self._visit, token=token)
        if self._visit.token is not None:
            self._spawn(self._expire(await self._seconds_left()))
        await self._send({"type": "connection_ack"})
        self._is_acknowledged = True
        self._spawn(self._keep_alive())

    async def _seconds_left(self) -> float:
        """How long the token is good for; a bad one closes the socket."""
        context = self._operations.context(self._visit)
        try:
            caller = await context.authenticate()
        except Unauthenticated as refusal:
            raise Closing(4403, refusal.message) from None
        except LabError as refusal:
            raise Closing(1011, refusal.message) from None
        return (caller.expires_at - context.now()).total_seconds()

    async def _expect_init(self) -> None:
        await asyncio.sleep(self._limits.socket_init_seconds_max)
        if not self._has_init:
            raise Closing(4408, "Connection initialisation timeout")

    async def _expire(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        raise Closing(4403, "The access token has expired.")

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._limits.socket_ping_seconds)
            await self._send({"type": "ping"})

    async def _subscribe(self, key: str, payload: Json) -> None:
        if not self._is_acknowledged:
            raise Closing(4401, "Unauthorized")
        if key in self._running:
            raise Closing(4409, f"Subscriber for {key} already exists")
        try:
            if len(self._running) >= (most := self._limits.socket_operations_max):
                raise LimitExceeded(f"One socket runs at most {most} operations at once.")
            asked = read_asked(payload)
        except (Invalid, LimitExceeded) as refusal:
            await self._send({"id": key, "type": "error", "payload": visible([refused(refusal)])})
            return
        self._running[key] = self._spawn(self._operate(key, asked))

    def _cancel(self, key: str) -> None:
        if task := self._running.pop(key, None):
            task.cancel()

    async def _operate(self, key: str, asked: Asked) -> None:
        try:
            await self._answer(key, self._operations.prepare(asked, self._visit))
        except NotRunnable as why:
            errors = visible(why.errors, request_id=self._visit.request_id)
            await self._finish(key, {"type": "error", "payload": errors})

    async def _answer(self, key: str, ready: Ready) -> None:
        if ready.kind is not OperationType.SUBSCRIPTION:
            answered = await self._operations.execute(ready)
            if not await self._next(key, answered):
                return
        else:
            async with aclosing(self._operations.stream(ready)) as answers:
                async for answered in answers:
                    if not await self._next(key, answered):
                        return
        await self._finish(key, {"type": "complete"})

    async def _next(self, key: str, answered: Answered) -> bool:
        """Send an answer on; False when it was the operation's `error` and its end."""
        if answered.is_request_error or answered.is_late:
            await self._finish(key, {"type": "error", "payload": answered.body["errors"]})
            return False
        await self._send({"id": key, "type": "next", "payload": answered.body})
        return True

    async def _finish(self, key: str, message: Mapping[str, object]) -> None:
        # The id is free before the client can hear that it is.
        self._running.pop(key, None)
        await self._send({"id": key, **message})

    async def _send(self, message: Mapping[str, object]) -> None:
        await self._socket.send_text(encode_json(message).decode())


def operation_id(message: Mapping[str, Json]) -> str:
    """The id of a message about an operation; a message without one closes the socket."""
    key = message.get("id")
    if not isinstance(key, str) or not 0 < len(key) <= ID_CHARACTERS_MAX:
        raise Closing(4400, "A message about an operation has its `id`, a string.")
    return key
