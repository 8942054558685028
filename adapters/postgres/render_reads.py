"""Lists and batches of renders for readers, each in one statement."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, column, func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.paging import newest_first
from adapters.postgres.render_rows import RENDERS, SHOTS, TAKES, AnyRow, to_render, to_shot, to_take
from domain.identifiers import CharacterId, RenderId, ShotId, StoryboardId, WorkspaceId
from domain.paging import Page, PageRequest
from domain.renders.models import Render
from domain.renders.shots import RenderShot, Take


class PostgresRenderReads:
    """Reads of one workspace's renders."""

    def __init__(self, session: AsyncSession, *, workspace_id: WorkspaceId | None) -> None:
        self._session = session
        self._workspace_id = workspace_id

    async def page(self, request: PageRequest, *, storyboard_id: StoryboardId | None = None) -> Page[Render]:
        statement = self._renders()
        if storyboard_id is not None:
            statement = statement.where(RENDERS.c.storyboard_id == storyboard_id)

        def present(row: AnyRow) -> tuple[Render, datetime, UUID]:
            return to_render(row), row.created_at, row.id

        return await newest_first(
            self._session, statement, keys=(RENDERS.c.created_at, RENDERS.c.id), request=request, present=present
        )

    async def find_many(self, render_ids: Sequence[RenderId]) -> Mapping[RenderId, Render]:
        rows = await self._session.execute(self._renders().where(RENDERS.c.id.in_(render_ids)))
        return {render.id: render for render in map(to_render, rows)}

    async def shots_of_many(self, render_ids: Sequence[RenderId]) -> Mapping[RenderId, Sequence[RenderShot]]:
        statement = select(*SHOTS.c).where(
            SHOTS.c.render_id.in_(render_ids), SHOTS.c.workspace_id == self._workspace_id
        )
        found: defaultdict[RenderId, list[RenderShot]] = defaultdict(list)
        for row in await self._session.execute(statement.order_by(SHOTS.c.render_id, SHOTS.c.position)):
            shot = to_shot(row)
            found[shot.render_id].append(shot)
        return found

    async def takes_of_many(self, render_ids: Sequence[RenderId]) -> Mapping[RenderId, Sequence[Take]]:
        statement = select(*TAKES.c).where(
            TAKES.c.render_id.in_(render_ids), TAKES.c.workspace_id == self._workspace_id
        )
        found: defaultdict[RenderId, list[Take]] = defaultdict(list)
        for row in await self._session.execute(statement.order_by(TAKES.c.shot_id, TAKES.c.number)):
            take = to_take(row)
            found[take.render_id].append(take)
        return found

    async def first_takes(self, storyboard_id: StoryboardId, *, seed: int) -> Mapping[ShotId, int]:
        statement = (
            select(SHOTS.c.shot_id, func.max(SHOTS.c.first_take).label("first_take"))
            .join(RENDERS, RENDERS.c.id == SHOTS.c.render_id)
            .where(
                RENDERS.c.storyboard_id == storyboard_id,
                RENDERS.c.workspace_id == self._workspace_id,
                RENDERS.c.seed == seed,
            )
            .group_by(SHOTS.c.shot_id)
        )
        return {ShotId(row.shot_id): row.first_take for row in await self._session.execute(statement)}

    async def latest_with(self, character_ids: Sequence[CharacterId]) -> Mapping[CharacterId, Render]:
        ids = literal(list(character_ids), ARRAY(PG_UUID(as_uuid=True)))
        asked = func.unnest(ids).table_valued(column("id", PG_UUID(as_uuid=True))).render_derived(name="asked")
        newest = (
            self._renders()
            .where(RENDERS.c.cast_ids.op("@>")(array([asked.c.id])))
            .order_by(RENDERS.c.created_at.desc(), RENDERS.c.id.desc())
            .limit(1)
            .lateral("newest")
        )
        statement = select(asked.c.id.label("asked_id"), *newest.c).select_from(asked.join(newest, true()))
        return {CharacterId(row.asked_id): to_render(row) for row in await self._session.execute(statement)}

    def _renders(self) -> Select[*tuple[object, ...]]:
        return select(*RENDERS.c).where(RENDERS.c.workspace_id == self._workspace_id)
