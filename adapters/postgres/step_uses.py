"""Which results of steps no take and no film uses any more."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.identifiers import WorkspaceId

# Each by an index of its own; an `or` over both columns of a take would read the table. A shot that waits has no takes
# yet that would name what its render was quoted with: until it is begun, its workspace forgets nothing.
UNUSED = """
    not exists (select 1 from takes t where t.workspace_id = s.workspace_id and t.keyframe_digest = s.digest)
    and not exists (select 1 from takes t where t.workspace_id = s.workspace_id and t.clip_digest = s.digest)
    and not exists (select 1 from renders r where r.workspace_id = s.workspace_id and r.film_digest = s.digest)
    and not exists (
        select 1 from renders r join render_shots w on w.render_id = r.id and w.state = 'waiting'
        where r.workspace_id = s.workspace_id and r.state in ('queued', 'filming')
    )
"""
AMONG = text(
    "select s.digest from unnest(cast(:digests as text[])) d"  # noqa: S608 - constants
    " join step_results s on s.workspace_id = :workspace_id and s.digest = d"
    f" where {UNUSED}"
)
OLD = text(
    "select s.workspace_id, s.digest from step_results s where s.created_at < :before"  # noqa: S608 - constants
    " and exists (select 1 from step_objects o where o.workspace_id = s.workspace_id and o.digest = s.digest)"
    f" and {UNUSED} order by s.created_at limit :limit for update of s skip locked"
)
# Vectors of figures keep no object either, but are large; they are wanted for a judgement and a report alone.
OLD_VECTORS = text(
    "select s.workspace_id, s.digest from step_results s where s.result ? 'figure_vectors'"
    " and s.created_at < :before order by s.created_at limit :limit for update of s skip locked"
)

# A take keeps what a judgement came to; its step only spares the next render the same look.
OLD_JUDGEMENTS = text(
    "select s.workspace_id, s.digest from step_results s where s.result ? 'findings'"
    " and s.created_at < :before order by s.created_at limit :limit for update of s skip locked"
)


class PostgresStepUses:
    """Reads takes and films for who names a step's digest."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def unused_among(self, workspace_id: WorkspaceId, digests: Collection[str]) -> Collection[str]:
        parameters = {"workspace_id": workspace_id, "digests": list(digests)}
        return set((await self._session.scalars(AMONG, parameters)).all())

    async def hold_unused(
        self, *, before: datetime, judged_before: datetime, limit: int
    ) -> Mapping[WorkspaceId, Collection[str]]:
        found: defaultdict[WorkspaceId, list[str]] = defaultdict(list)
        for statement, moment in ((OLD, before), (OLD_VECTORS, before), (OLD_JUDGEMENTS, judged_before)):
            for row in await self._session.execute(statement, {"before": moment, "limit": limit}):
                found[WorkspaceId(row.workspace_id)].append(row.digest)
        return found
