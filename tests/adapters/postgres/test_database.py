"""What the pool makes of a server that is away, silent, full or starting up: always the same refusal, and soon."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
import pytest

from adapters.postgres.calls import PostgresCalls
from adapters.postgres.database import PostgresDatabase, translated
from bootstrap.clock import new_id
from bootstrap.embedded import EmbeddedStack
from chaos.proxy import Proxy
from domain.errors import Unavailable
from failpoints import Commit
from tests.builders_proxies import postgres_proxy


@pytest.fixture
async def proxy(stack: EmbeddedStack, database_name: str) -> AsyncIterator[Proxy]:
    async with postgres_proxy(stack, database_name) as proxy:
        yield proxy


@pytest.fixture
def url(proxy: Proxy, database_name: str) -> str:
    return f"postgresql://lab_app@127.0.0.1:{proxy.port}/{database_name}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(url, new_id=new_id, pool_size=2)
    yield database
    await database.close()


async def test_a_server_that_falls_silent_is_given_up(proxy: Proxy, url: str) -> None:
    # The limit holds for what is answered, too, however busy the machine is.
    database = PostgresDatabase(url, new_id=new_id, pool_size=2, answer_seconds=2.0)
    await database.check()
    proxy.is_swallowing = True
    with pytest.raises(Unavailable):
        async with asyncio.timeout(60):
            await database.check()
    proxy.heal()
    await database.check()
    await database.close()


async def test_a_server_without_a_free_connection_is_away(
    stack: EmbeddedStack, database_name: str, database: PostgresDatabase
) -> None:
    owner = await asyncpg.connect(stack.postgres.url("postgres", database_name))
    await owner.execute(f'alter database "{database_name}" connection limit 0')
    try:
        with pytest.raises(Unavailable):
            await database.check()
    finally:
        await owner.execute(f'alter database "{database_name}" connection limit -1')
        await owner.close()
    await database.check()


async def test_a_server_that_ends_a_session_is_away_before_the_connections_end_is_seen(
    stack: EmbeddedStack, database_name: str
) -> None:
    owner = await asyncpg.connect(stack.postgres.url("postgres", database_name))
    hears = asyncio.Event()
    async with deaf_relay(stack, database_name, hears) as port:
        url = f"postgresql://lab_app@127.0.0.1:{port}/{database_name}"
        calls, database = PostgresCalls(url), PostgresDatabase(url, new_id=new_id, pool_size=1)
        ask = partial(calls.rows, "select pg_backend_pid()", commit=Commit.CLAIM, about=tuple)
        ((pid,),) = await ask()
        await database.check()
        ended = (
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'lab_app' and datname = $1"
        )
        assert await owner.fetch(ended, database_name) == [(True,)] * 2
        await asyncio.sleep(0.1)  # for the server's last words, which nobody waits for
        with pytest.raises(Unavailable):
            await ask()
        assert await ask() != [(pid,)]
        # The pool asks a connection whether it lives before it lends it.
        await database.check()
        hears.set()
        await calls.close()
        await database.close()
    await owner.close()


@asynccontextmanager
async def deaf_relay(stack: EmbeddedStack, database_name: str, hears: asyncio.Event) -> AsyncGenerator[int]:
    """A port that passes everything on to the server, but tells only once it `hears` that the server has hung up."""
    folder = unquote(parse_qs(urlsplit(stack.postgres.url("postgres", database_name)).query)["host"][0])

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        onwards = asyncio.create_task(pump(reader, server_writer))
        await pump(server_reader, writer)
        await hears.wait()
        onwards.cancel()
        server_writer.close()
        writer.close()

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while content := await reader.read(65536):
            writer.write(content)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql://lab_app@127.0.0.1:1/lab", id="refused"),
        pytest.param("postgresql://lab_app@no-such-host.invalid/lab", id="name-unknown"),
        pytest.param("postgresql://lab_app@/lab?host=%2Fno%2Fsuch%2Ffolder", id="no-socket"),
    ],
)
async def test_a_server_that_cannot_be_reached_is_away(url: str) -> None:
    database, calls = PostgresDatabase(url, new_id=new_id), PostgresCalls(url)
    with pytest.raises(Unavailable):
        await database.check()
    with pytest.raises(Unavailable):
        await calls.rows("select 1", commit=Commit.CLAIM, about=tuple)


def test_a_file_that_is_missing_is_not_called_an_absence(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), translated():
        (tmp_path / "missing").read_bytes()


async def test_a_server_that_is_no_primary_is_away(stack: EmbeddedStack, database_name: str, url: str) -> None:
    owner = await asyncpg.connect(stack.postgres.url("postgres", database_name))
    await owner.execute(f'alter database "{database_name}" set default_transaction_read_only = on')
    await owner.close()
    calls = PostgresCalls(url)
    with pytest.raises(Unavailable):
        await calls.rows("create table there (id int)", commit=Commit.CLAIM, about=tuple)
