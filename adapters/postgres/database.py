"""The connection pool and the transactions on it: one unit of work is one transaction."""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from ssl import SSLCertVerificationError
from uuid import UUID

from asyncpg import InterfaceError as DriverError
from asyncpg import InternalClientError, PostgresError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import QueuePool

from adapters.postgres.commits import after_commit
from adapters.postgres.work import PostgresWork
from domain.errors import Unavailable
from domain.identifiers import WorkspaceId

# Serialization failure and deadlock.
TRY_AGAIN = frozenset({"40001", "40P01"})
# Connections lost, connections used up, a server that starts, stops or ends sessions, one that is no primary yet or any
# more, as in a failover: it will be back.
AWAY_STATES = ("08", "53", "57", "25006")


def async_url(url: str) -> str:
    """Name the asyncpg driver in a plain `postgresql://` URL."""
    return "postgresql+asyncpg://" + url.split("://", 1)[1]


@contextmanager
def translated() -> Generator[None]:
    """Raise Unavailable for what can be tried again: a server that is away or full, and transactions that met."""
    with connected(), accepted():
        yield


@contextmanager
def connected() -> Generator[None]:
    """Raise Unavailable where there is no connection, or none any more."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as lost:
        raise Unavailable("The database does not answer.") from lost
    except OSError as lost:
        # Refused, out of reach, a host that nobody knows, a socket that is not there. Only a file's error has its name.
        if lost.filename is not None or isinstance(lost, SSLCertVerificationError):
            raise
        raise Unavailable("The database does not answer.") from lost
    except DriverError as lost:
        if isinstance(lost, ValueError):
            raise  # An argument of another type than the statement's: our bug.
        raise Unavailable("The database connection was lost.") from lost
    except InternalClientError as lost:
        # So asyncpg answers on a connection whose server has said goodbye but whose end is not seen yet.
        raise Unavailable("The database connection was lost.") from lost


@contextmanager
def accepted() -> Generator[None]:
    """Raise Unavailable for what the server says that it may not say the next time."""
    try:
        yield
    except DBAPIError as failed:
        if failed.connection_invalidated:
            raise Unavailable("The database connection was lost.") from failed
        raise_unavailable(failed, str(getattr(failed.orig, "sqlstate", "")))
        raise
    except PostgresError as failed:
        raise_unavailable(failed, failed.sqlstate or "")
        raise


def raise_unavailable(failed: Exception, state: str) -> None:
    if state in TRY_AGAIN:
        raise Unavailable("The transaction met another one; it can be tried again.") from failed
    if state.startswith(AWAY_STATES):
        raise Unavailable("The database does not take work now.") from failed


class PostgresDatabase:
    """One pool; `role` is what every transaction works as (row-level security follows from it).

    A statement that is not answered within `answer_seconds` is given up: a connection whose other end has vanished
    without a word would otherwise be waited on for ever, and with it the loop that asked.
    """

    def __init__(
        self, url: str, *, new_id: Callable[[], UUID], pool_size: int = 10, answer_seconds: float = 30.0
    ) -> None:
        self._new_id = new_id
        self.engine: AsyncEngine = create_async_engine(
            async_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=30,
            pool_pre_ping=True,
            connect_args={
                "timeout": 10,
                "command_timeout": answer_seconds,
                "server_settings": {
                    "application_name": "character-lab",
                    "idle_in_transaction_session_timeout": "30000",
                    "hnsw.iterative_scan": "strict_order",
                },
            },
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def work(self, workspace_id: WorkspaceId | None = None) -> AsyncGenerator[PostgresWork]:
        """Open one transaction, seeing one workspace's rows; committed when the block ends, undone when it raises.

        Without a workspace the application's role sees no workspace's rows at all; the jobs' role sees every one.
        Raises Unavailable when the server cannot be reached.
        """
        with translated():
            async with self._sessions() as session:
                async with session.begin():
                    await see_workspace(session, workspace_id)
                    yield PostgresWork(session, workspace_id=workspace_id, new_id=self._new_id)
                await after_commit(session)

    @property
    def connections_used(self) -> int:
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    @property
    def connections_max(self) -> int:
        pool = self.engine.pool
        return pool.size() if isinstance(pool, QueuePool) else 0

    async def check(self) -> None:
        """Raise Unavailable unless the server answers."""
        async with self.work() as work:
            await work.session.execute(text("select 1"))

    async def close(self) -> None:
        await self.engine.dispose()


async def see_workspace(session: AsyncSession, workspace_id: WorkspaceId | None) -> None:
    name = str(workspace_id) if workspace_id else ""
    await session.execute(text("select set_config('lab.workspace_id', :id, true)"), {"id": name})
