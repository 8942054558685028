"""Runs the migrations as the database's owner, each in its own transaction, all under one advisory lock."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.postgres.lock_waits import APPLICATION_NAME, WAIT_AT_MOST
from adapters.postgres.tables import Row

LOCK = 7_321_903_551


def migrate(connection: Connection) -> None:
    # The session's, not a transaction's: it is held from one revision to the next.
    connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": LOCK})
    wait = context.config.attributes.get("lock_milliseconds", 0)
    connection.execute(WAIT_AT_MOST, {"milliseconds": str(wait)})
    connection.commit()
    context.configure(connection=connection, target_metadata=Row.metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def run() -> None:
    engine = create_async_engine(
        context.config.get_main_option("sqlalchemy.url") or "",
        connect_args={"server_settings": {"application_name": APPLICATION_NAME}},
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


asyncio.run(run())
