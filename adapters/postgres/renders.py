"""Renders, their shots and takes in PostgreSQL."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.render_rows import (
    RENDERS,
    SHOTS,
    TAKES,
    Values,
    changing_values,
    render_values,
    shot_values,
    take_values,
    to_render,
    to_shot,
    to_take,
)
from domain.identifiers import RenderId, ShotId, StoryboardId, WorkspaceId
from domain.renders.models import Render, ShotTally
from domain.renders.shots import RenderShot, Take
from domain.renders.states import ShotState

# What of a shot or a take never changes once it is written.
SHOT_KEY = ("render_id", "shot_id")
TAKE_KEY = ("id",)


class PostgresRenders:
    """Rows of one workspace's renders; whoever changes one holds its row by `lock`."""

    def __init__(self, session: AsyncSession, *, workspace_id: WorkspaceId | None) -> None:
        self._session = session
        self._workspace_id = workspace_id

    async def add(self, render: Render, shots: Sequence[RenderShot]) -> None:
        await self._session.execute(insert(RENDERS).values(render_values(render)))
        await self._session.execute(insert(SHOTS), [shot_values(shot) for shot in shots])

    async def find(self, render_id: RenderId) -> Render | None:
        return await self._one(self._renders().where(RENDERS.c.id == render_id))

    async def lock(self, render_id: RenderId) -> Render | None:
        return await self._one(self._renders().where(RENDERS.c.id == render_id).with_for_update())

    async def save(self, render: Render) -> None:
        statement = update(RENDERS).where(RENDERS.c.id == render.id, RENDERS.c.workspace_id == render.workspace_id)
        await self._session.execute(statement.values(changing_values(render)))

    async def remove(self, render_id: RenderId) -> None:
        # Shots and takes go with it, by their foreign keys.
        statement = delete(RENDERS).where(RENDERS.c.id == render_id, RENDERS.c.workspace_id == self._workspace_id)
        await self._session.execute(statement)

    async def latest(self, storyboard_id: StoryboardId) -> Render | None:
        statement = self._renders().where(RENDERS.c.storyboard_id == storyboard_id)
        return await self._one(statement.order_by(RENDERS.c.created_at.desc(), RENDERS.c.id.desc()).limit(1))

    async def shots(self, render_id: RenderId, shot_ids: Collection[ShotId] | None = None) -> Sequence[RenderShot]:
        statement = select(SHOTS).where(SHOTS.c.render_id == render_id, SHOTS.c.workspace_id == self._workspace_id)
        if shot_ids is not None:
            statement = statement.where(SHOTS.c.shot_id.in_(shot_ids))
        rows = await self._session.execute(statement.order_by(SHOTS.c.position))
        return [to_shot(row) for row in rows]

    async def waiting_shots(self, render_id: RenderId, *, limit: int) -> Sequence[RenderShot]:
        statement = (
            select(SHOTS)
            .where(
                SHOTS.c.render_id == render_id,
                SHOTS.c.workspace_id == self._workspace_id,
                SHOTS.c.state == ShotState.WAITING.value,
            )
            .order_by(SHOTS.c.position)
            .limit(limit)
        )
        return [to_shot(row) for row in await self._session.execute(statement)]

    async def save_shots(self, shots: Sequence[RenderShot]) -> None:
        await write(self._session, SHOTS, SHOT_KEY, [shot_values(shot) for shot in shots])

    async def takes(self, render_id: RenderId, shot_ids: Collection[ShotId] | None = None) -> Sequence[Take]:
        statement = select(TAKES).where(TAKES.c.render_id == render_id, TAKES.c.workspace_id == self._workspace_id)
        if shot_ids is not None:
            statement = statement.where(TAKES.c.shot_id.in_(shot_ids))
        rows = await self._session.execute(statement.order_by(TAKES.c.shot_id, TAKES.c.number))
        return [to_take(row) for row in rows]

    async def save_takes(self, takes: Sequence[Take]) -> None:
        await write(self._session, TAKES, TAKE_KEY, [take_values(take) for take in takes])

    async def tally(self, render_id: RenderId) -> ShotTally:
        statement = (
            select(SHOTS.c.state, func.count())
            .where(SHOTS.c.render_id == render_id, SHOTS.c.workspace_id == self._workspace_id)
            .group_by(SHOTS.c.state)
        )
        counts = {ShotState(state): count for state, count in await self._session.execute(statement)}
        return ShotTally(
            total=sum(counts.values()),
            taken=counts.get(ShotState.TAKEN, 0),
            failed=counts.get(ShotState.FAILED, 0),
        )

    def _renders(self) -> Select[*tuple[object, ...]]:
        return select(*RENDERS.c).where(RENDERS.c.workspace_id == self._workspace_id)

    async def _one(self, statement: Select[*tuple[object, ...]]) -> Render | None:
        row = (await self._session.execute(statement)).one_or_none()
        return to_render(row) if row else None


async def write(session: AsyncSession, table: Table, key: tuple[str, ...], rows: list[Values]) -> None:
    """Insert the rows, or change those that are there but for their key."""
    if not rows:
        return
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    await session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)
