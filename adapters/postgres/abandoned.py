"""Storyboards that say they are being written while no job is at it."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.identifiers import StoryboardId, WorkspaceId
from domain.storyboards.ports import Abandoned
from domain.storyboards.tasks import WRITE

# A storyboard and its job are committed together, and so are the job's end and what it makes of the storyboard.
ABANDONED = text(
    "select s.workspace_id, s.id from storyboards s where s.state = 'writing' and not exists ("
    "  select from jobs j where j.subject_id = s.id and j.kind = :kind and j.finished_at is null"
    ") order by s.id limit :limit"
)


class PostgresAbandonedWriting:
    """Looks at every workspace that the role may see."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, *, limit: int) -> Sequence[Abandoned]:
        parameters = {"kind": WRITE, "limit": limit}
        rows = await self._session.execute(ABANDONED, parameters)
        return [Abandoned(WorkspaceId(row.workspace_id), StoryboardId(row.id)) for row in rows]
