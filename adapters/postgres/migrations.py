"""Bringing a database to the newest schema, and telling whether it is there."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.postgres.database import async_url
from domain.errors import Unavailable

SCRIPTS = Path(__file__).parents[2] / "migrations"


def migration_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    # The option is interpolated by configparser: a percent sign of a quoted password is doubled.
    config.set_main_option("sqlalchemy.url", async_url(url).replace("%", "%%"))
    return config


async def migrate(owner_url: str) -> None:
    """Apply every migration that is not applied yet; safe to run from several processes at once."""
    await asyncio.to_thread(command.upgrade, migration_config(owner_url), "head")


def newest_revision() -> str | None:
    return ScriptDirectory(str(SCRIPTS)).get_current_head()


async def current_revision(url: str) -> str | None:
    """Answer the revision that the database is at, or None when it was never migrated.

    Raises Unavailable when the server cannot be reached or the role may not look.
    """
    engine = create_async_engine(async_url(url))
    try:
        async with engine.connect() as connection:
            known = await connection.scalar(text("select to_regclass('alembic_version')"))
            return await connection.scalar(text("select version_num from alembic_version")) if known else None
    except (SQLAlchemyError, OSError) as failed:
        raise Unavailable(f"The schema's revision cannot be read: {failed}") from failed
    finally:
        await engine.dispose()
