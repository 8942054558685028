"""How long jobs have taken, by queue, kind, engine, size and length."""

from collections.abc import Collection, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.jobs.run_times import Workload

EXPECT = text(
    """
    select a.place, run_expect(a.queue, a.kind, a.engine, a.pixels, a.frames) as seconds
    from unnest(cast(:queues as text[]), cast(:kinds as text[]), cast(:engines as text[]), cast(:pixels as float8[]),
                cast(:frames as float8[])) with ordinality as a(queue, kind, engine, pixels, frames, place)
    """
)
MEASURE = text("select job_measure(:settled_seconds, :limit)")


class PostgresRunTimes:
    """Measured run times; those of all workspaces together, since it is the same machines that work."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def measured(self, workloads: Collection[Workload]) -> Mapping[Workload, float]:
        asked = list(workloads)
        parameters = {
            "queues": [str(each.queue) for each in asked],
            "kinds": [each.kind for each in asked],
            "engines": [each.engine for each in asked],
            "pixels": [float(each.pixels) for each in asked],
            "frames": [float(each.frames) for each in asked],
        }
        rows = await self._session.execute(EXPECT, parameters)
        return {asked[row.place - 1]: row.seconds for row in rows if row.seconds is not None}

    async def measure(self, *, settled_seconds: float, limit: int) -> int:
        return await self._session.scalar(MEASURE, {"settled_seconds": settled_seconds, "limit": limit}) or 0
