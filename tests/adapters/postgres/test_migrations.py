"""The migrations make the tables that the code declares."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.postgres.database import async_url
from adapters.postgres.job_tables import Row
from adapters.postgres.lock_waits import APPLICATION_NAME, Patience
from adapters.postgres.migrations import current_revision, migrate, migration_config, newest_revision
from bootstrap.embedded import EmbeddedStack
from domain.errors import Unavailable


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Row.metadata))


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")  # SQLAlchemy reads it back as unknown
async def test_the_migrated_database_is_what_the_code_declares(stack: EmbeddedStack, database_name: str) -> None:
    engine = create_async_engine(async_url(stack.postgres.url("postgres", database_name)))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_migrating_again_changes_nothing(stack: EmbeddedStack, database_name: str) -> None:
    await migrate(stack.postgres.url("postgres", database_name))
    assert await current_revision(stack.postgres.url("lab_app", database_name)) == newest_revision() is not None


async def test_the_migrations_of_the_job_engine_can_be_undone_and_made_again(
    stack: EmbeddedStack, database_name: str
) -> None:
    url = stack.postgres.url("postgres", database_name)
    await asyncio.to_thread(command.downgrade, migration_config(url), "0001")
    assert await current_revision(url) == "0001"
    await migrate(url)
    assert await current_revision(url) == newest_revision()


async def test_a_database_that_was_never_migrated_has_no_revision(stack: EmbeddedStack) -> None:
    assert await current_revision(stack.postgres.url("postgres", "postgres")) is None


async def test_a_database_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        await current_revision("postgresql://lab_app@127.0.0.1:9/lab")


@asynccontextmanager
async def held_lock(stack: EmbeddedStack, database_name: str, table: str) -> AsyncGenerator[None]:
    connection = await asyncpg.connect(
        stack.postgres.url("postgres", database_name), server_settings={"application_name": "nightly dump"}
    )
    try:
        async with connection.transaction():
            await connection.execute(f"lock table {table} in access share mode")
            yield
    finally:
        await connection.close()


async def test_a_migration_gets_out_of_the_way_of_a_dump_and_names_it(stack: EmbeddedStack, database_name: str) -> None:
    url = stack.postgres.url("postgres", database_name)
    await asyncio.to_thread(command.downgrade, migration_config(url), "0014")
    patience = Patience(lock_seconds=0.5, tries=2, pause_seconds=0)
    async with held_lock(stack, database_name, "characters"):
        with pytest.raises(Unavailable, match=r"held by nightly dump \(process \d+, in a transaction since"):
            await migrate(url, patience=patience)
    assert await current_revision(url) == "0015", "what needed no such lock is there"
    await migrate(url, patience=patience)
    assert await current_revision(url) == newest_revision()


async def test_what_was_migrated_before_a_failure_stays(stack: EmbeddedStack, database_name: str) -> None:
    url = stack.postgres.url("postgres", database_name)
    await asyncio.to_thread(command.downgrade, migration_config(url), "0022")
    connection = await asyncpg.connect(url)
    await connection.execute("create table lab (id int)")
    with pytest.raises(ProgrammingError, match="already exists"):
        await migrate(url)
    assert await current_revision(url) == "0023"
    await connection.execute("drop table lab")
    await connection.close()
    await migrate(url)
    assert await current_revision(url) == newest_revision()


WAITS = "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and application_name = $1)"


async def test_processes_that_migrate_at_once_wait_for_each_other(stack: EmbeddedStack, database_name: str) -> None:
    url = stack.postgres.url("postgres", database_name)
    await asyncio.to_thread(command.downgrade, migration_config(url), "0022")
    other = await asyncpg.connect(url)
    await other.execute("select pg_advisory_lock(7321903551)")
    migrating = asyncio.create_task(migrate(url, patience=Patience(tries=1)))
    while not await other.fetchval(WAITS, APPLICATION_NAME):
        pass
    assert await current_revision(url) == "0022"
    await other.close()
    await migrating
    assert await current_revision(url) == newest_revision()
