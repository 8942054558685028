"""What the pool makes of a server that is away, silent, full or starting up: always the same refusal, and soon."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from adapters.postgres.database import PostgresDatabase
from bootstrap.clock import new_id
from bootstrap.embedded import EmbeddedStack
from chaos.proxy import Proxy
from domain.errors import Unavailable
from tests.builders_proxies import postgres_proxy


@pytest.fixture
async def proxy(stack: EmbeddedStack, database_name: str) -> AsyncIterator[Proxy]:
    async with postgres_proxy(stack, database_name) as proxy:
        yield proxy


@pytest.fixture
async def database(proxy: Proxy, database_name: str) -> AsyncIterator[PostgresDatabase]:
    url = f"postgresql://lab_app@127.0.0.1:{proxy.port}/{database_name}"
    database = PostgresDatabase(url, new_id=new_id, pool_size=2, answer_seconds=0.3)
    yield database
    await database.close()


async def test_a_server_that_falls_silent_is_given_up(proxy: Proxy, database: PostgresDatabase) -> None:
    await database.check()
    proxy.is_swallowing = True
    with pytest.raises(Unavailable):
        async with asyncio.timeout(20):
            await database.check()
    proxy.heal()
    await database.check()


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
