"""Events are read by stream, or as a workspace's feed in commit order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Row

from adapters.postgres.database import PostgresDatabase
from domain.errors import Invalid
from domain.events import CursorExpired, Json, RecordedEvent, Stream
from domain.identifiers import WorkspaceId

COLUMNS = "stream_kind, stream_id, number, workspace_id, name, data, at, xid\\:\\:text || '-' || id as cursor"
READ_STREAM = text(
    f"select {COLUMNS} from events where stream_kind = :kind and stream_id = :id and workspace_id = :workspace_id"  # noqa: S608 - constants
    " and number > :after order by number limit :limit"
).columns(data=JSONB)
# In commit order: below the oldest running transaction nothing can appear any more, so a cursor never passes an event.
READ_WORKSPACE = text(
    f"select {COLUMNS} from events where workspace_id = :workspace_id"  # noqa: S608 - constants
    " and (xid, id) > (cast(cast(:xid as text) as xid8), :id) and xid < pg_snapshot_xmin(pg_current_snapshot())"
    " order by xid, id limit :limit"
).columns(data=JSONB)
# Ids below the floor are told under one transaction since the database moved to another cluster (`feed_rebase`): a
# cursor with one of them and another transaction was given before, and says nothing here.
IS_CUT = text(
    "select exists (select from feed_marks where workspace_id = :workspace_id"
    " and (xid, id) > (cast(cast(:xid as text) as xid8), :id))"
    " or exists (select from lab where :id < feed_floor and feed_xid <> cast(cast(:xid as text) as xid8))"
)
NEWEST = text("select pg_snapshot_xmin(pg_current_snapshot())\\:\\:text || '-' || feed_floor from lab")
LIMIT_MAX = 1000


class PostgresFeed:
    """Reads events in short transactions of its own, each seeing one workspace only."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    async def read_stream(self, stream: Stream, *, after: int, limit: int = 100) -> Sequence[RecordedEvent]:
        parameters = {
            "kind": str(stream.kind),
            "id": stream.id,
            "workspace_id": stream.workspace_id,
            "after": after,
            "limit": min(limit, LIMIT_MAX),
        }
        async with self._database.work(stream.workspace_id) as work:
            events = [to_event(row) for row in await work.session.execute(READ_STREAM, parameters)]
        if after > 0 and events and events[0].number > after + 1:
            raise expired()
        return events

    async def read_workspace(
        self, workspace_id: WorkspaceId, *, after: str | None, limit: int = 100
    ) -> Sequence[RecordedEvent]:
        xid, number = parse_cursor(after)
        parameters = {"workspace_id": workspace_id, "xid": xid, "id": number, "limit": min(limit, LIMIT_MAX)}
        async with self._database.work(workspace_id) as work:
            events = [to_event(row) for row in await work.session.execute(READ_WORKSPACE, parameters)]
            # Asked after the read: what was cut before it is marked.
            if after is not None and await work.session.scalar(IS_CUT, parameters):
                raise expired()
            return events

    async def newest_cursor(self, workspace_id: WorkspaceId) -> str:
        async with self._database.work(workspace_id) as work:
            return str(await work.session.scalar(NEWEST))


def expired() -> CursorExpired:
    return CursorExpired(
        "What happened after that cursor is not kept any more; read again and follow anew.", field="after"
    )


def parse_cursor(cursor: str | None) -> tuple[str, int]:
    """Split a cursor into transaction id and number; raises Invalid for one that the feed never gave."""
    if cursor is None:
        return "0", 0
    xid, dash, number = cursor.partition("-")
    is_ours = dash and all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (xid, number))
    if not is_ours:
        raise Invalid("That cursor is not one of this feed's.", field="after")
    return xid, int(number)


def to_event(row: Row[str, UUID, int, UUID, str, Mapping[str, Json], datetime, str]) -> RecordedEvent:
    kind, stream_id, number, workspace_id, name, data, at, cursor = row
    stream = Stream(kind, stream_id, WorkspaceId(workspace_id))
    return RecordedEvent(stream=stream, number=number, name=name, data=data, at=at, cursor=cursor)
