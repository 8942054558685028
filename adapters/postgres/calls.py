"""Calls of the database's functions that are each a transaction of its own and one round trip: no BEGIN, no COMMIT.

The work of a unit of work (session, statement compiler, pool with its check) costs more than such a call itself.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import asyncpg

from adapters.postgres.database import translated
from domain.errors import Unavailable
from failpoints import Commit, is_on, reach

# One takes jobs while the other ends them.
CONNECTIONS_MAX = 2


def plain_url(url: str) -> str:
    """The URL as asyncpg itself reads it."""
    return "postgresql://" + url.split("://", 1)[1]


class PostgresCalls:
    """A few connections as the role of the URL, opened when they are first needed and again after they were lost."""

    def __init__(self, url: str, *, answer_seconds: float = 30.0) -> None:
        self._url = plain_url(url)
        self._answer_seconds = answer_seconds
        self._idle: list[asyncpg.Connection] = []
        self._free = asyncio.Semaphore(CONNECTIONS_MAX)

    async def close(self) -> None:
        while self._idle:
            # Nothing is under way on it: whatever becomes of the goodbye, asyncpg lets go of the connection.
            with suppress(Unavailable), translated():
                await self._idle.pop().close(timeout=5)

    async def rows(
        self, statement: str, *arguments: object, commit: Commit, about: Callable[[asyncpg.Record], tuple[object, ...]]
    ) -> Sequence[asyncpg.Record]:
        """Answer the rows once they are committed; raises Unavailable when that is not known.

        `commit` and `about` say which failpoints lie around the commit, and what each row means to them.
        """
        with translated():
            async with self._connection() as connection:
                if not is_on:
                    return await connection.fetch(statement, *arguments)
                async with connection.transaction():
                    rows = await connection.fetch(statement, *arguments)
                    for row in rows:
                        await reach(commit.before, *about(row))
                for row in rows:
                    await reach(commit.after, *about(row))
                return rows

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[asyncpg.Connection]:
        """Lend a connection; one on which anything went wrong is not lent again."""
        async with self._free:
            connection = self._idle.pop() if self._idle else None
            if connection is None or connection.is_closed():
                connection = await self._connect()
            try:
                yield connection
            except BaseException:
                connection.terminate()
                raise
            self._idle.append(connection)

    async def _connect(self) -> asyncpg.Connection:
        connection = await asyncpg.connect(
            self._url,
            timeout=10,
            command_timeout=self._answer_seconds,
            server_settings={
                "application_name": "character-lab",
                "idle_in_transaction_session_timeout": "30000",
            },
        )
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        return connection
