"""Lists and batches of storyboards, one statement each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Float, Select, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.paging import newest_first
from adapters.postgres.storyboard_rows import (
    HEADER_COLUMNS,
    SHOTS,
    STORYBOARDS,
    VERSIONS,
    AnyRow,
    to_overview,
    to_shot,
)
from domain.identifiers import ShotId, StoryboardId, WorkspaceId
from domain.paging import Page, PageRequest
from domain.storyboards.models import Shot
from domain.storyboards.ports import NumberedShot, StoryboardOverview, StoryboardVersion

VERSIONS_LISTED_MAX = 100


class PostgresStoryboardReads:
    """What readers of one workspace ask for; without a workspace there are none."""

    def __init__(self, session: AsyncSession, workspace_id: WorkspaceId | None) -> None:
        self._session = session
        self._workspace_id = workspace_id

    async def page(self, request: PageRequest) -> Page[StoryboardOverview]:
        return await newest_first(
            self._session,
            self._overviews(),
            keys=(STORYBOARDS.c.created_at, STORYBOARDS.c.id),
            request=request,
            present=_with_keys,
        )

    async def find_many(self, storyboard_ids: Sequence[StoryboardId]) -> Mapping[StoryboardId, StoryboardOverview]:
        rows = await self._session.execute(self._overviews().where(STORYBOARDS.c.id.in_(storyboard_ids)))
        return {overview.id: overview for overview in map(to_overview, rows)}

    async def shots_of_many(self, storyboard_ids: Sequence[StoryboardId]) -> Mapping[StoryboardId, Sequence[Shot]]:
        found = select(SHOTS).where(
            SHOTS.c.storyboard_id.in_(storyboard_ids), SHOTS.c.workspace_id == self._workspace_id
        )
        shots: defaultdict[StoryboardId, list[Shot]] = defaultdict(list)
        for row in await self._session.execute(found.order_by(SHOTS.c.storyboard_id, SHOTS.c.position)):
            shots[StoryboardId(row.storyboard_id)].append(to_shot(row))
        return shots

    async def find_shots(self, shot_ids: Sequence[ShotId]) -> Mapping[ShotId, NumberedShot]:
        found = select(SHOTS).where(SHOTS.c.id.in_(shot_ids), SHOTS.c.workspace_id == self._workspace_id)
        rows = await self._session.execute(found)
        return {ShotId(row.id): NumberedShot(to_shot(row), row.position) for row in rows}

    async def scripts_of_many(self, storyboard_ids: Sequence[StoryboardId]) -> Mapping[StoryboardId, str]:
        found = select(STORYBOARDS.c.id, STORYBOARDS.c.script).where(
            STORYBOARDS.c.id.in_(storyboard_ids), STORYBOARDS.c.workspace_id == self._workspace_id
        )
        return {StoryboardId(row.id): row.script for row in await self._session.execute(found)}

    async def versions_of_many(
        self, storyboard_ids: Sequence[StoryboardId]
    ) -> Mapping[StoryboardId, Sequence[StoryboardVersion]]:
        rank = func.row_number().over(partition_by=VERSIONS.c.storyboard_id, order_by=VERSIONS.c.version.desc())
        ranked = (
            select(
                VERSIONS.c.storyboard_id,
                VERSIONS.c.version,
                VERSIONS.c.edit,
                func.jsonb_array_length(VERSIONS.c.shots).label("shots_count"),
                VERSIONS.c.created_at,
                rank.label("rank"),
            )
            .where(VERSIONS.c.storyboard_id.in_(storyboard_ids), VERSIONS.c.workspace_id == self._workspace_id)
            .subquery()
        )
        newest = select(ranked).where(ranked.c.rank <= VERSIONS_LISTED_MAX).order_by(ranked.c.version.desc())
        versions: defaultdict[StoryboardId, list[StoryboardVersion]] = defaultdict(list)
        for row in await self._session.execute(newest):
            version = StoryboardVersion(row.version, row.edit, row.shots_count, row.created_at)
            versions[StoryboardId(row.storyboard_id)].append(version)
        return versions

    def _overviews(self) -> Select[*tuple[object, ...]]:
        seconds = SHOTS.c.content["seconds"].astext.cast(Float)
        tally = (
            select(func.count().label("shots_count"), func.coalesce(func.sum(seconds), 0.0).label("seconds"))
            .where(SHOTS.c.storyboard_id == STORYBOARDS.c.id)
            .lateral()
        )
        joined = select(*HEADER_COLUMNS, tally.c.shots_count, tally.c.seconds).join_from(STORYBOARDS, tally, true())
        return joined.where(STORYBOARDS.c.workspace_id == self._workspace_id)


def _with_keys(row: AnyRow) -> tuple[StoryboardOverview, datetime, UUID]:
    overview = to_overview(row)
    return overview, overview.created_at, overview.id
