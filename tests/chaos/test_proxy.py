"""The attack's own proxy: it must lose what it is told to lose, and nothing else."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from adapters.postgres.calls import PostgresCalls
from adapters.postgres.claims import PostgresClaims, PostgresDispatches
from adapters.postgres.database import PostgresDatabase
from bootstrap.clock import new_id
from bootstrap.embedded import EmbeddedStack
from chaos.proxy import CommitHold, Proxy
from domain.errors import Unavailable
from domain.jobs.models import Queue
from tests.builders_jobs import worker
from tests.builders_proxies import postgres_proxy


@pytest.fixture
async def proxy(stack: EmbeddedStack, database_name: str) -> AsyncIterator[Proxy]:
    async with postgres_proxy(stack, database_name) as proxy:
        yield proxy


async def connect(proxy: Proxy, database_name: str) -> asyncpg.Connection:
    return await asyncpg.connect(f"postgresql://postgres@127.0.0.1:{proxy.port}/{database_name}", timeout=10)


async def insert(connection: asyncpg.Connection, number: int) -> None:
    async with connection.transaction():
        await connection.execute("create table if not exists seen (number int)")
        await connection.execute("insert into seen values ($1)", number)


async def test_the_answer_to_a_commit_is_lost_and_the_commit_is_not(proxy: Proxy, database_name: str) -> None:
    doomed = await connect(proxy, database_name)
    trap = proxy.lose_commits("insert into seen")
    with pytest.raises((asyncpg.PostgresConnectionError, ConnectionError)):
        await insert(doomed, 1)
    other = await connect(proxy, database_name)
    assert trap.sprung.is_set()
    assert await other.fetchval("select count(*) from seen where number = 1") == 1
    await other.execute("drop table seen")
    await other.close()


async def test_commits_of_other_transactions_are_answered(proxy: Proxy, database_name: str) -> None:
    connection = await connect(proxy, database_name)
    trap = proxy.lose_commits("update something_else")
    await insert(connection, 2)
    await connection.execute("drop table seen")
    assert not trap.sprung.is_set()
    await connection.close()


async def test_a_commit_that_moved_something_is_held_until_it_is_let_go(proxy: Proxy, database_name: str) -> None:
    connection, other = await connect(proxy, database_name), await connect(proxy, database_name)
    await connection.execute("create table kept (number int)")
    hold = CommitHold("kept")
    proxy.hold_commit(hold)
    async with connection.transaction():
        assert await connection.fetch("select * from kept") == []
    assert not hold.held.is_set()
    await connection.execute("begin")
    await connection.execute("insert into kept values (1)")
    committing = asyncio.create_task(connection.execute("commit"))
    await hold.held.wait()
    assert await other.fetchval("select count(*) from kept") == 0
    hold.release()
    await committing
    assert await other.fetchval("select count(*) from kept") == 1
    await other.execute("drop table kept")
    await asyncio.gather(connection.close(), other.close())


async def test_a_cut_connection_is_broken_and_a_new_one_works(proxy: Proxy, database_name: str) -> None:
    connection = await connect(proxy, database_name)
    proxy.cut()
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, ConnectionError)):
        await connection.execute("select 1")
    other = await connect(proxy, database_name)
    assert await other.fetchval("select 2") == 2
    await other.close()


async def test_a_statement_alone_is_a_commit_where_it_moves_something(proxy: Proxy, database_name: str) -> None:
    doomed, other = await connect(proxy, database_name), await connect(proxy, database_name)
    await other.execute("create table alone (number int)")
    trap = proxy.lose_commits("alone")
    assert await doomed.fetch("select * from alone") == []
    assert await doomed.fetch("delete from alone returning number") == []
    assert not trap.sprung.is_set()
    with pytest.raises((asyncpg.PostgresConnectionError, ConnectionError)):
        await doomed.fetch("insert into alone values ($1) returning number", 1)
    assert trap.sprung.is_set()
    assert await other.fetchval("select count(*) from alone") == 1
    await other.execute("drop table alone")
    await other.close()


async def test_the_products_own_commits_are_recognised(proxy: Proxy, database_name: str) -> None:
    url = f"postgresql://lab_system@127.0.0.1:{proxy.port}/{database_name}"
    database = PostgresDatabase(url, new_id=new_id)
    calls = PostgresCalls(url)
    dispatches, claims = PostgresDispatches(database), PostgresClaims(database, calls)
    traps = [proxy.lose_commits(sql) for sql in ("job_pick", "worker_see")]
    await dispatches.pick(Queue.CPU, limit=1)
    with pytest.raises(Unavailable):
        await claims.see(worker("a"))
    assert [trap.sprung.is_set() for trap in traps] == [False, True]
    await claims.leave("a")
    await calls.close()
    await database.close()
