"""Rows of characters and their images."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.character_rows import (
    CHARACTERS,
    IMAGES,
    character_values,
    image_values,
    select_characters,
    select_images,
    to_character,
    to_image,
)
from adapters.postgres.tables import RenderRow
from domain.characters.models import Character, CharacterImage
from domain.identifiers import CharacterId, ImageId, RenderId, WorkspaceId
from domain.renders.states import RenderState

RENDERS = RenderRow.metadata.tables["renders"]
RENDERS_UNDER_WAY = [state.value for state in RenderState if not state.is_final]


class PostgresCharacters:
    """Characters of one workspace, in one transaction; without a workspace there are none."""

    def __init__(self, session: AsyncSession, workspace_id: WorkspaceId | None) -> None:
        self._session = session
        self._workspace_id = workspace_id

    async def add(self, character: Character) -> None:
        await self._session.execute(insert(CHARACTERS).values(character_values(character)))

    async def find(self, character_id: CharacterId) -> Character | None:
        found = select_characters(self._workspace_id).where(CHARACTERS.c.id == character_id)
        row = (await self._session.execute(found)).one_or_none()
        return None if row is None else to_character(row)

    async def lock(self, character_id: CharacterId) -> Character | None:
        found = select_characters(self._workspace_id).where(CHARACTERS.c.id == character_id)
        # Not the key: rows that refer to the character may be written meanwhile.
        row = (await self._session.execute(found.with_for_update(key_share=True))).one_or_none()
        return None if row is None else to_character(row)

    async def save(self, character: Character) -> None:
        here = (CHARACTERS.c.id == character.id, CHARACTERS.c.workspace_id == self._workspace_id)
        await self._session.execute(update(CHARACTERS).where(*here).values(character_values(character)))

    async def remove(self, character_id: CharacterId) -> None:
        here = (CHARACTERS.c.id == character_id, CHARACTERS.c.workspace_id == self._workspace_id)
        await self._session.execute(delete(CHARACTERS).where(*here))

    async def filmed_by(self, character_id: CharacterId) -> Sequence[RenderId]:
        is_filmed = (
            RENDERS.c.cast_ids.op("@>")(literal([character_id], ARRAY(PG_UUID(as_uuid=True)))),
            RENDERS.c.state.in_(RENDERS_UNDER_WAY),
        )
        found = select(RENDERS.c.id).where(RENDERS.c.workspace_id == self._workspace_id, *is_filmed)
        return [RenderId(key) for key in await self._session.scalars(found.order_by(RENDERS.c.id))]

    async def add_images(self, images: Sequence[CharacterImage]) -> None:
        if images:
            # JSON columns keep their defaults: an image that is not read has nothing measured.
            await self._session.execute(insert(IMAGES), [image_values(image) for image in images])

    async def find_image(self, image_id: ImageId) -> CharacterImage | None:
        found = select_images(self._workspace_id).where(IMAGES.c.id == image_id)
        row = (await self._session.execute(found)).one_or_none()
        return None if row is None else to_image(row)

    async def images_of(self, character_id: CharacterId) -> Sequence[CharacterImage]:
        found = select_images(self._workspace_id).where(IMAGES.c.character_id == character_id)
        rows = await self._session.execute(found.order_by(IMAGES.c.position, IMAGES.c.id))
        return [to_image(row) for row in rows]

    async def save_image(self, image: CharacterImage) -> None:
        here = (IMAGES.c.id == image.id, IMAGES.c.workspace_id == self._workspace_id)
        await self._session.execute(update(IMAGES).where(*here).values(image_values(image)))

    async def remove_image(self, image_id: ImageId) -> None:
        here = (IMAGES.c.id == image_id, IMAGES.c.workspace_id == self._workspace_id)
        await self._session.execute(delete(IMAGES).where(*here))
