"""Events are appended in the transaction that they tell of."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.job_rows import to_json
from domain.events import Event, stream_key, workspace_key

APPEND = text("select event_append(:kind, :id, :workspace_id, :name, cast(:data as jsonb))")


class PostgresEvents:
    """Appends events; the stream's row stays locked until the commit, so its numbers are dense and in commit order."""

    def __init__(self, session: AsyncSession, *, hints: set[str]) -> None:
        self._session = session
        self._hints = hints

    async def append(self, event: Event) -> None:
        stream = event.stream
        parameters = {
            "kind": str(stream.kind),
            "id": stream.id,
            "workspace_id": stream.workspace_id,
            "name": event.name,
            "data": to_json(dict(event.data)),
        }
        await self._session.execute(APPEND, parameters)
        self._hints.update((stream_key(stream.kind, stream.id), workspace_key(stream.workspace_id)))
