"""Waiting for locks without stopping the lab.

Whoever asks for a table's strongest lock and has to wait for it lets nobody else pass meanwhile. So a change of the
schema waits for a few seconds only, gets out of the way, and tries again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.postgres.database import async_url
from domain.errors import Unavailable

APPLICATION_NAME = "character-lab-migrate"
LOCK_NOT_AVAILABLE = "55P03"
WAIT_AT_MOST = text("select set_config('lock_timeout', :milliseconds, false)")
BLOCKERS = text(
    "select distinct b.pid, coalesce(nullif(b.application_name, ''), b.backend_type) as who,"
    " coalesce(to_char(b.xact_start at time zone 'utc', 'HH24:MI:SS'), 'an unknown moment') as since"
    " from pg_stat_activity w cross join lateral unnest(pg_blocking_pids(w.pid)) as by (pid)"
    " join pg_stat_activity b on b.pid = by.pid"
    " where w.application_name = :name and w.datname = current_database() and b.application_name <> :name"
    " order by b.pid limit 5"
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a lock is waited for, how often that is tried, and how long everybody else has between two tries."""

    lock_seconds: float = 5.0
    tries: int = 12
    pause_seconds: float = 5.0

    @property
    def lock_milliseconds(self) -> int:
        return round(self.lock_seconds * 1000)


async def patiently(work: Callable[[], Awaitable[None]], *, url: str, patience: Patience) -> None:
    """Do the work, and again while a lock is not to be had; raises Unavailable, naming who held it, in the end."""
    seen: dict[int, str] = {}
    for tried in range(patience.tries):
        if tried:
            await asyncio.sleep(patience.pause_seconds)
        is_over = asyncio.Event()
        watch = watch_blockers(url, seen, is_over=is_over, every_seconds=patience.lock_seconds / 5)
        watching = asyncio.create_task(watch)
        try:
            return await work()
        except DBAPIError as refused:
            if getattr(refused.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
        finally:
            is_over.set()
            await watching
    blockers = ", ".join(seen.values()) or "somebody who cannot be seen"
    raise Unavailable(f"A lock of the database is not to be had; it is held by {blockers}. Migrate when that is over.")


async def watch_blockers(url: str, seen: dict[int, str], *, is_over: asyncio.Event, every_seconds: float) -> None:
    """Keep those in mind whom a migration has waited for: once it has given up nothing tells of them any more."""
    engine = create_async_engine(async_url(url), connect_args={"timeout": 5, "command_timeout": 5})
    try:
        with suppress(SQLAlchemyError, OSError):
            while not await happens(is_over, within_seconds=every_seconds):
                async with engine.connect() as connection:
                    for pid, who, since in await connection.execute(BLOCKERS, {"name": APPLICATION_NAME}):
                        seen[pid] = f"{who} (process {pid}, in a transaction since {since} UTC)"
    finally:
        await engine.dispose()


async def happens(event: asyncio.Event, *, within_seconds: float) -> bool:
    try:
        async with asyncio.timeout(within_seconds):
            return await event.wait()
    except TimeoutError:
        return False
