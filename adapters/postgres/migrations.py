"""Bringing a database to the newest schema, and telling whether it is there."""

import asyncio
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.postgres.database import async_url
from adapters.postgres.feed_rebase import rebase_feed
from adapters.postgres.lock_waits import Patience, patiently
from domain.errors import Unavailable

PATIENCE = Patience()
SCRIPTS = Path(__file__).parents[2] / "migrations"


def migration_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    # The option is interpolated by configparser: a percent sign of a quoted password is doubled.
    config.set_main_option("sqlalchemy.url", async_url(url).replace("%", "%%"))
    return config


async def migrate(owner_url: str, *, patience: Patience = PATIENCE) -> None:
    """Apply every migration that is not applied yet, and mend the feed of a database that comes from another cluster.

    Safe to run from several processes at once, and beside a lab that works: whoever holds a lock is waited for in
    short turns. Raises Unavailable where that is in vain; what was applied until then stays.
    """
    config = migration_config(owner_url)
    config.attributes["lock_milliseconds"] = patience.lock_milliseconds
    upgrade = partial(command.upgrade, config, "head")
    await patiently(lambda: asyncio.to_thread(upgrade), url=owner_url, patience=patience)
    rebase = partial(rebase_feed, owner_url, lock_milliseconds=patience.lock_milliseconds)
    await patiently(rebase, url=owner_url, patience=patience)


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
