"""graphql-transport-ws, our own handling of it: strict about messages, forgiving about operations.

A message that is no message of the protocol closes the socket with the protocol's code; an operation that cannot run
gets its own `error` and leaves the others alone.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from starlette.websockets import WebSocket, WebSocketDisconnect

from api.context import Visit
from api.errors import visible
from api.sessions import Watched
from api.transport.asked import read_asked
from api.transport.operations import Operations, refused
from api.transport.socket_operations import SocketOperations
from api.transport.tasks import Tasks
from api.transport.visits import bearer
from api.transport.wire import Closing, SlowReader, Wire, operation_id
from domain.accounts.caller import Caller
from domain.errors import Invalid, LabError, LimitExceeded, Unauthenticated
from domain.events import Json


class Conversation:
    """One socket from its handshake to its end.

    It owns its tasks, which are the one that listens and the operations, and the timer of its init, then of its pings.
    """

    def __init__(self, socket: WebSocket, operations: Operations, visit: Visit) -> None:
        self._operations = operations
        self._limits = operations.limits
        self._visit = visit
        limits = operations.limits
        self._wire = Wire(socket, depth_max=limits.body_depth_max, send_seconds_max=limits.socket_send_seconds_max)
        self._tasks = Tasks()
        self._running = SocketOperations(self._wire, operations, self._tasks)
        self._watched: Watched | None = None
        self._timer = asyncio.get_running_loop().call_later(limits.socket_init_seconds_max, self._expect_init)
        self._has_init = False
        self._is_acknowledged = False

    async def hold(self) -> None:
        """Converse until the client leaves or the protocol ends it; nothing that was started outlives this."""
        self._tasks.spawn(self._listen())
        try:
            await self._tasks.wait()
        except SlowReader:
            await self._close(SlowReader(self._running.cursors))
        except Closing as closing:
            await self._close(closing)
        except WebSocketDisconnect:
            return
        finally:
            self._timer.cancel()
            if self._watched is not None:
                self._watched.release()
            await self._tasks.stop()

    async def _close(self, closing: Closing) -> None:
        await self._tasks.stop()
        await self._wire.close(closing)

    async def _listen(self) -> None:
        async for message in self._wire.messages():
            await self._take(message)

    async def _take(self, message: Mapping[str, Json]) -> None:
        match message.get("type"):
            case "connection_init":
                await self._init(message.get("payload"))
            case "ping":
                await self._wire.send({"type": "pong"})
            case "pong":
                return
            case "subscribe":
                await self._subscribe(operation_id(message), message.get("payload"))
            case "complete":
                self._running.cancel(operation_id(message))
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
            self._watched = self._operations.sessions.watch(await self._caller(), self._end_session)
        await self._wire.send({"type": "connection_ack"})
        self._is_acknowledged = True
        self._expect_ping()

    async def _caller(self) -> Caller:
        """Whose token it is; a bad one closes the socket."""
        try:
            return await self._operations.context(self._visit).authenticate()
        except Unauthenticated as refusal:
            raise Closing(4403, refusal.message) from None
        except LabError as refusal:
            raise Closing(1011, refusal.message) from None

    def _end_session(self, reason: str) -> None:
        self._tasks.end(Closing(4403, reason))

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
            await self._running.refuse(key, visible([refused(refusal)]))
            return
        self._running.start(key, asked, self._visit)

    def _expect_init(self) -> None:
        if not self._has_init:
            self._tasks.end(Closing(4408, "Connection initialisation timeout"))

    def _expect_ping(self) -> None:
        # A timer, not a task that sleeps: most sockets do nothing else than to wait.
        seconds = self._limits.socket_ping_seconds
        self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._ping)

    def _ping(self) -> None:
        self._tasks.spawn(self._wire.send({"type": "ping"}))
        self._expect_ping()
