"""What is known of characters in workers' embedding spaces: vectors of their pictures, and calibrated thresholds."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.character_rows import CHARACTERS, IMAGES, TEACHES
from adapters.postgres.identities import as_vector
from adapters.postgres.tables import ImageVectorRow, SpaceIdentityRow
from domain.characters.identity import EmbeddingSpace, Vector
from domain.characters.models import CharacterState
from domain.characters.spaces import SpaceIdentity
from domain.characters.tasks import EMBED_PICTURES, LEARN_SPACE
from domain.identifiers import CharacterId, ImageId, WorkspaceId

VECTORS = ImageVectorRow.metadata.tables["image_vectors"]
IDENTITIES = SpaceIdentityRow.metadata.tables["space_identities"]

# By chance, so that those whose pictures fail every hour keep nobody else from being sought.
LACKING = text(
    "select c.workspace_id, c.id from characters c where c.state = :ready"
    " and not exists (select 1 from space_identities s"
    " where s.character_id = c.id and s.space = :space and s.revision = c.revision)"
    " and not exists (select 1 from jobs j"
    " where j.subject_id = c.id and j.finished_at is null and j.kind = any(:kinds) and j.payload ->> 'space' = :space)"
    " order by random() limit :limit"
)
FORGET = text(
    "delete from space_identities s where not s.space = any(:spaces) or (s.space <> :first and not exists ("
    "select 1 from characters c where c.workspace_id = s.workspace_id and c.threshold is not null and not exists ("
    "select 1 from space_identities n where n.character_id = c.id and n.space = :first)))"
)

FORGET_VECTORS = text(
    "delete from image_vectors where (image_id, space) in"
    " (select image_id, space from image_vectors where not space = any(:spaces) limit :limit)"
)


class PostgresWorkerSpaces:
    """Vectors and identities of one workspace, in one transaction; without a workspace there are none."""

    def __init__(self, session: AsyncSession, workspace_id: WorkspaceId | None) -> None:
        self._session = session
        self._workspace_id = workspace_id

    async def known(self, image_ids: Sequence[ImageId], space: EmbeddingSpace) -> Collection[ImageId]:
        found = select(VECTORS.c.image_id).where(
            VECTORS.c.image_id.in_(image_ids),
            VECTORS.c.space == space.key,
            VECTORS.c.workspace_id == self._workspace_id,
        )
        return {ImageId(image_id) for image_id in await self._session.scalars(found)}

    async def dimensions(self, space: str) -> int:
        ours = (VECTORS.c.space == space) & (VECTORS.c.workspace_id == self._workspace_id)
        found = await self._session.scalar(select(func.vector_dims(VECTORS.c.embedding)).where(ours).limit(1))
        return found or 0

    async def keep_vectors(self, vectors: Mapping[ImageId, Vector], space: str) -> None:
        there = select(IMAGES.c.id).where(IMAGES.c.id.in_(list(vectors)), IMAGES.c.workspace_id == self._workspace_id)
        # Held until the commit, so that none is removed in between.
        held = await self._session.scalars(there.order_by(IMAGES.c.id).with_for_update(read=True, key_share=True))
        rows = [
            {
                "image_id": image_id,
                "space": space,
                "workspace_id": self._workspace_id,
                "embedding": list(vectors[ImageId(image_id)]),
            }
            for image_id in held
        ]
        if rows:
            await self._session.execute(insert(VECTORS).values(rows).on_conflict_do_nothing())

    async def teaching_vectors(self, character_id: CharacterId, space: EmbeddingSpace) -> Sequence[Vector]:
        found = (
            select(VECTORS.c.embedding)
            .join(IMAGES, IMAGES.c.id == VECTORS.c.image_id)
            .where(
                VECTORS.c.space == space.key,
                IMAGES.c.workspace_id == self._workspace_id,
                IMAGES.c.character_id == character_id,
                *TEACHES,
            )
            .order_by(IMAGES.c.position, IMAGES.c.id)
        )
        return [as_vector(embedding) for embedding in await self._session.scalars(found)]

    async def keep_identity(self, character_id: CharacterId, learned: SpaceIdentity, *, now: datetime) -> None:
        values = {
            "threshold": learned.threshold,
            "images": learned.images,
            "revision": learned.revision,
            "learned_at": now,
        }
        key = {"character_id": character_id, "space": learned.space, "workspace_id": self._workspace_id}
        written = insert(IDENTITIES).values(**key, **values)
        await self._session.execute(
            written.on_conflict_do_update(index_elements=["character_id", "space"], set_=values)
        )

    async def identities_of_many(
        self, character_ids: Sequence[CharacterId]
    ) -> Mapping[CharacterId, Sequence[SpaceIdentity]]:
        rows = await self._session.execute(
            select(IDENTITIES)
            .join(CHARACTERS, CHARACTERS.c.id == IDENTITIES.c.character_id)
            .where(
                IDENTITIES.c.character_id.in_(character_ids),
                IDENTITIES.c.workspace_id == self._workspace_id,
                CHARACTERS.c.threshold.is_not(None),
            )
            .order_by(IDENTITIES.c.learned_at.desc(), IDENTITIES.c.space)
        )
        found: defaultdict[CharacterId, list[SpaceIdentity]] = defaultdict(list)
        for row in rows:
            learned = SpaceIdentity(row.space, row.threshold, row.images, row.revision)
            found[CharacterId(row.character_id)].append(learned)
        return found

    async def lacking(self, space: EmbeddingSpace, *, limit: int) -> Sequence[tuple[WorkspaceId, CharacterId]]:
        rows = await self._session.execute(
            LACKING,
            {
                "ready": CharacterState.READY.value,
                "space": space.key,
                "kinds": [EMBED_PICTURES, LEARN_SPACE],
                "limit": limit,
            },
        )
        return [(WorkspaceId(row.workspace_id), CharacterId(row.id)) for row in rows]

    async def forget_others(self, spaces: Sequence[EmbeddingSpace]) -> int:
        keys = [space.key for space in spaces]
        first = keys[0] if keys else ""
        forgotten = await self._session.execute(FORGET, {"spaces": keys, "first": first})
        return forgotten.rowcount  # pyright: ignore[reportAttributeAccessIssue] - a delete has one

    async def forget_vectors(self, spaces: Sequence[EmbeddingSpace], *, limit: int) -> int:
        asked = {"spaces": [space.key for space in spaces], "limit": limit}
        forgotten = await self._session.execute(FORGET_VECTORS, asked)
        return forgotten.rowcount  # pyright: ignore[reportAttributeAccessIssue] - a delete has one
