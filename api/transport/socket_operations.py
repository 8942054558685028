"""The operations of one socket: each runs by itself, and what is wrong with one is told to that one."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import orjson
from graphql import OperationType

from api.context import Visit
from api.errors import visible
from api.transport.answers import Answered, NotRunnable, Ready
from api.transport.asked import Asked
from api.transport.operations import Operations
from api.transport.tasks import Tasks
from api.transport.wire import Wire


class SocketOperations:
    """What runs on a socket, by the client's ids."""

    def __init__(self, wire: Wire, operations: Operations, tasks: Tasks) -> None:
        self._wire = wire
        self._operations = operations
        self._tasks = tasks
        self._running: dict[str, asyncio.Task[None]] = {}
        self.cursors: dict[str, str] = {}
        """Where each running subscription stands by what was sent."""

    def __contains__(self, key: str) -> bool:
        return key in self._running

    def __len__(self) -> int:
        return len(self._running)

    def start(self, key: str, asked: Asked, visit: Visit) -> None:
        """Run an operation under an id that is free."""
        self._running[key] = self._tasks.spawn(self._run(key, asked, visit))

    def cancel(self, key: str) -> None:
        """Stop an operation that the client is done with; an unknown id is one that has just ended."""
        if task := self._running.pop(key, None):
            self.cursors.pop(key, None)
            task.cancel()

    async def refuse(self, key: str, errors: object) -> None:
        """Tell an operation's `error`, which is its end."""
        await self._finish(key, {"type": "error", "payload": errors})

    async def _run(self, key: str, asked: Asked, visit: Visit) -> None:
        try:
            ready = self._operations.prepare(asked, visit)
        except NotRunnable as why:
            await self.refuse(key, visible(why.errors, request_id=visit.request_id))
            return
        async with aclosing(self._answers(ready)) as answers:
            async for answered in answers:
                if answered.is_request_error or answered.is_late:
                    await self.refuse(key, answered.body["errors"])
                    return
                await self._wire.send({"id": key, "type": "next", "payload": orjson.Fragment(answered.encoded)})
                if answered.cursor is not None:
                    self.cursors[key] = answered.cursor
        await self._finish(key, {"type": "complete"})

    async def _answers(self, ready: Ready) -> AsyncGenerator[Answered]:
        if ready.kind is not OperationType.SUBSCRIPTION:
            yield await self._operations.execute(ready)
            return
        async with aclosing(self._operations.stream(ready)) as answers:
            async for answered in answers:
                yield answered

    async def _finish(self, key: str, message: Mapping[str, object]) -> None:
        # The id is free before the client can hear that it is.
        self._running.pop(key, None)
        self.cursors.pop(key, None)
        await self._wire.send({"id": key, **message})
