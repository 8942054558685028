"""The migrations make the tables that the code declares."""

import asyncio

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.postgres.database import async_url
from adapters.postgres.job_tables import Row
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
