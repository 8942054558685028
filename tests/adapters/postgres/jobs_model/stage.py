"""Transactions on real connections, stepped statement by statement in a given order.

A statement that waits for a lock is left waiting and its session's next steps are owed to it; the server itself says
who waits (`pg_blocking_pids`), so nothing depends on how fast the machine is.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from asyncpg import Connection, PostgresError

from tests.adapters.postgres.jobs_model.engine import Engine

Statement = tuple[Any, ...]
WAITS = "select cardinality(pg_blocking_pids($1)) > 0"
POLLS_MAX = 5000


@dataclass(frozen=True)
class Actor:
    """One transaction: its statements, each with its arguments, and how it ends.

    With `needs_true` it is undone when its last statement answers anything but true, as a worker does.
    """

    statements: tuple[Statement, ...]
    ending: str = "commit"
    needs_true: bool = False


def orders(actors: Sequence[Actor]) -> Iterator[tuple[int, ...]]:
    """Every order of the steps of all; those of one actor stay in theirs."""
    steps = [index for index, actor in enumerate(actors) for _ in range(len(actor.statements) + 1)]
    yield from sorted(set(permutations(steps)))


class Player:
    """One actor on its connection."""

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self.connection = connection
        self.answers: list[Any] = []
        self.owed = 0
        self.task: asyncio.Task[None] | None = None
        self._actor = actor
        self._statements = deque(actor.statements)
        self._is_open = False

    def start(self) -> None:
        self.owed -= 1
        self.task = asyncio.ensure_future(self._step())

    async def _step(self) -> None:
        if not self._statements:
            await self.connection.execute(self._ending())
            return
        if not self._is_open:
            await self.connection.execute("begin")
            self._is_open = True
        statement, *arguments = self._statements.popleft()
        try:
            rows = await self.connection.fetch(statement, *arguments)
        except PostgresError as failed:
            self.answers.append(type(failed).__name__)
        else:
            self.answers.append(rows[0][0] if rows else None)

    def _ending(self) -> str:
        is_undone = self._actor.needs_true and self.answers[-1] is not True
        return "rollback" if is_undone else self._actor.ending


class Stage:
    """Plays one order of some actors' steps to its end."""

    def __init__(self, engine: Engine, actors: Sequence[Actor]) -> None:
        connections = engine.first, engine.second, engine.third
        self._monitor: Connection = engine.owner
        self._players = [Player(*each) for each in zip(connections, actors, strict=False)]

    async def play(self, order: Sequence[int]) -> tuple[Any, ...]:
        """Answer what the last statement of each actor answered; raises AssertionError when somebody waits for ever."""
        for index in order:
            self._players[index].owed += 1
            await self._go_on()
        for _ in range(POLLS_MAX):
            waiting = [player.task for player in self._players if player.task is not None]
            if not waiting:
                return tuple(player.answers[-1] for player in self._players)
            await asyncio.wait(waiting, timeout=0.1, return_when=asyncio.FIRST_COMPLETED)
            await self._go_on()
        raise AssertionError(f"In the order {order} somebody waits for ever.")

    async def _go_on(self) -> None:
        """Start what is due until everybody has caught up or waits for another."""
        while True:
            for player in self._players:
                await self._settle(player)
            ready = next((each for each in self._players if each.task is None and each.owed), None)
            if ready is None:
                return
            ready.start()

    async def _settle(self, player: Player) -> None:
        for _ in range(POLLS_MAX):
            if player.task is None:
                return
            done, _ = await asyncio.wait({player.task}, timeout=0.002)
            if done:
                player.task.result()
                player.task = None
            elif await self._monitor.fetchval(WAITS, player.connection.get_server_pid()):
                return
        raise AssertionError("A statement neither ends nor waits for a lock.")
