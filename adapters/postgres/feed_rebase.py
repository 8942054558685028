"""A feed that another cluster of servers wrote: told under this one's transactions.

Events are ordered by the number of the transaction that wrote them, which is the cluster's own count. A dump or a
logical replica brings the numbers of the old cluster into a new one, whose count is far behind: no event is visible
until it has caught up.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from adapters.postgres.database import async_url
from adapters.postgres.lock_waits import APPLICATION_NAME, WAIT_AT_MOST
from domain.errors import Unavailable

# By workspace, since that is what the index begins with.
IS_FOREIGN = text(
    "select exists (select from feed_marks where xid >= pg_snapshot_xmax(pg_current_snapshot()))"
    " or exists (select from workspaces w where exists (select from events e"
    " where e.workspace_id = w.id and e.xid >= pg_snapshot_xmax(pg_current_snapshot())))"
)
LOCK = text("lock table events, feed_marks in share row exclusive mode")
# All under one transaction and so in the order of their ids: a stream's are given while its row is held, in the order
# of its numbers.
REBASE = text("update events set xid = pg_current_xact_id()")
FORGET_MARKS = text("delete from feed_marks")
# Above every id that there was, whatever became of the sequence on the way.
RAISE_FLOOR = text(
    "update lab set feed_xid = pg_current_xact_id(), feed_floor = setval(pg_get_serial_sequence('events', 'id'),"
    " greatest(nextval(pg_get_serial_sequence('events', 'id')), (select max(id) + 1 from events), feed_floor + 1))"
)


async def is_foreign(connection: AsyncConnection) -> bool:
    """Whether the feed has transactions that this cluster has not come to; for who sees every workspace."""
    return bool(await connection.scalar(IS_FOREIGN))


async def rebase_feed(owner_url: str, *, lock_milliseconds: int) -> None:
    """Tell the events of another cluster under a transaction of this one, if there are any.

    The cursors that were given before then expire. Writers wait meanwhile; nobody is waited for longer than told.
    """
    engine = create_async_engine(
        async_url(owner_url), connect_args={"server_settings": {"application_name": APPLICATION_NAME}}
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(WAIT_AT_MOST, {"milliseconds": str(lock_milliseconds)})
            if await is_foreign(connection):
                for statement in (LOCK, REBASE, FORGET_MARKS, RAISE_FLOOR):
                    await connection.execute(statement)
    finally:
        await engine.dispose()


async def check_feed(system_url: str) -> str:
    """Tell that the feed is this cluster's; raises Unavailable where it is another's."""
    engine = create_async_engine(async_url(system_url))
    try:
        async with engine.connect() as connection:
            if await is_foreign(connection):
                raise Unavailable("The events' order is another cluster's, as after a dump was restored.")
    finally:
        await engine.dispose()
    return "of this cluster"
