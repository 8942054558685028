"""Storyboards, their shots and versions in PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from adapters.postgres.storyboard_rows import (
    SHOTS,
    STORYBOARDS,
    VERSIONS,
    select_storyboards,
    shot_values,
    shots_document,
    storyboard_values,
    to_shot,
    to_shots,
    to_storyboard,
)
from domain.identifiers import StoryboardId, WorkspaceId
from domain.storyboards.models import Shot, Storyboard


class PostgresStoryboards:
    """Storyboards of one workspace, in one transaction; without a workspace there are none."""

    def __init__(self, session: AsyncSession, workspace_id: WorkspaceId | None) -> None:
        self._session = session
        self._workspace_id = workspace_id

    async def add(self, storyboard: Storyboard) -> None:
        await self._session.execute(insert(STORYBOARDS).values(storyboard_values(storyboard)))

    async def find(self, storyboard_id: StoryboardId) -> Storyboard | None:
        return await self._one(self._by_id(storyboard_id), with_shots=storyboard_id)

    async def lock(self, storyboard_id: StoryboardId) -> Storyboard | None:
        # Not the key: rows that refer to the storyboard may be written meanwhile.
        locked = self._by_id(storyboard_id).with_for_update(key_share=True)
        return await self._one(locked, with_shots=storyboard_id)

    async def lock_without_shots(self, storyboard_id: StoryboardId) -> Storyboard | None:
        return await self._one(self._by_id(storyboard_id).with_for_update(key_share=True), with_shots=None)

    async def save(self, storyboard: Storyboard) -> None:
        changed = {
            name: value
            for name, value in storyboard_values(storyboard).items()
            if name not in {"id", "workspace_id", "script", "created_at"}
        }
        here = (STORYBOARDS.c.id == storyboard.id, STORYBOARDS.c.workspace_id == self._workspace_id)
        await self._session.execute(update(STORYBOARDS).where(*here).values(changed))

    async def replace_shots(self, before: Storyboard, after: Storyboard) -> None:
        stood = {shot.id: (position, shot) for position, shot in enumerate(before.shots, 1)}
        gone = stood.keys() - {shot.id for shot in after.shots}
        if gone:
            await self._session.execute(delete(SHOTS).where(SHOTS.c.id.in_(gone), self._is_ours()))
        changed = [
            shot_values(shot, storyboard=after, position=position)
            for position, shot in enumerate(after.shots, 1)
            if stood.get(shot.id) != (position, shot)
        ]
        if changed:
            # One statement: positions are unique only at the commit, so all may move at once.
            written = insert(SHOTS).values(changed)
            new = {"position": written.excluded.position, "content": written.excluded.content}
            await self._session.execute(written.on_conflict_do_update(index_elements=[SHOTS.c.id], set_=new))

    async def append_shot(self, storyboard: Storyboard, shot: Shot) -> int:
        last = select(func.coalesce(func.max(SHOTS.c.position), 0)).where(
            SHOTS.c.storyboard_id == storyboard.id, self._is_ours()
        )
        position = (await self._session.execute(last)).scalar_one() + 1
        values = shot_values(shot, storyboard=storyboard, position=position)
        await self._session.execute(insert(SHOTS).values(values))
        return position

    async def keep_version(self, storyboard: Storyboard, *, edit: str) -> None:
        values = {
            "storyboard_id": storyboard.id,
            "version": storyboard.version,
            "workspace_id": storyboard.workspace_id,
            "edit": edit,
            "shots": shots_document(storyboard.shots),
            "created_at": storyboard.updated_at,
        }
        await self._session.execute(insert(VERSIONS).values(values))

    async def shots_of_version(self, storyboard_id: StoryboardId, version: int) -> Sequence[Shot] | None:
        kept = select(VERSIONS.c.shots).where(
            VERSIONS.c.storyboard_id == storyboard_id,
            VERSIONS.c.version == version,
            VERSIONS.c.workspace_id == self._workspace_id,
        )
        document = (await self._session.execute(kept)).scalar_one_or_none()
        return None if document is None else to_shots(document)

    async def remove(self, storyboard_id: StoryboardId) -> None:
        here = (STORYBOARDS.c.id == storyboard_id, STORYBOARDS.c.workspace_id == self._workspace_id)
        await self._session.execute(delete(STORYBOARDS).where(*here))

    def _by_id(self, storyboard_id: StoryboardId) -> Select[*tuple[object, ...]]:
        return select_storyboards(self._workspace_id).where(STORYBOARDS.c.id == storyboard_id)

    def _is_ours(self) -> ColumnElement[bool]:
        return SHOTS.c.workspace_id == self._workspace_id

    async def _one(
        self, statement: Select[*tuple[object, ...]], *, with_shots: StoryboardId | None
    ) -> Storyboard | None:
        row = (await self._session.execute(statement)).one_or_none()
        if row is None:
            return None
        shots: tuple[Shot, ...] = ()
        if with_shots is not None:
            found = select(SHOTS).where(SHOTS.c.storyboard_id == with_shots, self._is_ours())
            shots = tuple(to_shot(each) for each in await self._session.execute(found.order_by(SHOTS.c.position)))
        return to_storyboard(row, shots)
