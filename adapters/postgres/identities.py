"""Vectors of images and characters: kept, compared through the HNSW index, and warned by."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, literal_column, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.character_rows import CHARACTERS, IMAGES, LOOK_ALIKES, TEACHES
from domain.characters.identity import EmbeddingSpace, Identity, Vector, centre_of
from domain.characters.ports import Centre, Neighbour
from domain.identifiers import CharacterId, ImageId, WorkspaceId


class PostgresIdentities:
    """Identities of one workspace, in one transaction; without a workspace there are none."""

    def __init__(self, session: AsyncSession, workspace_id: WorkspaceId | None) -> None:
        self._session = session
        self._workspace_id = workspace_id

    async def keep_vector(self, image_id: ImageId, vector: Vector) -> None:
        here = (IMAGES.c.id == image_id, IMAGES.c.workspace_id == self._workspace_id)
        await self._session.execute(update(IMAGES).where(*here).values(embedding=list(vector)))

    async def teaching_vectors(self, character_id: CharacterId, space: EmbeddingSpace) -> Sequence[Vector]:
        return (await self._teaching([character_id], space)).get(character_id, ())

    async def _teaching(
        self, character_ids: Iterable[CharacterId], space: EmbeddingSpace
    ) -> Mapping[CharacterId, tuple[Vector, ...]]:
        found = (
            select(IMAGES.c.character_id, IMAGES.c.embedding)
            .where(
                IMAGES.c.workspace_id == self._workspace_id,
                IMAGES.c.character_id.in_(list(character_ids)),
                *TEACHES,
                IMAGES.c.embedding.is_not(None),
                IMAGES.c.embedding_space == space.key,
            )
            .order_by(IMAGES.c.position, IMAGES.c.id)
        )
        vectors: dict[CharacterId, tuple[Vector, ...]] = {}
        for character_id, embedding in await self._session.execute(found):
            key = CharacterId(character_id)
            vectors[key] = (*vectors.get(key, ()), as_vector(embedding))
        return vectors

    async def keep_centre(self, character_id: CharacterId, centre: Centre | None) -> None:
        here = (CHARACTERS.c.id == character_id, CHARACTERS.c.workspace_id == self._workspace_id)
        values = {
            "embedding": None if centre is None else list(centre.vector),
            "embedding_space": None if centre is None else centre.space,
        }
        await self._session.execute(update(CHARACTERS).where(*here).values(values))

    async def centre_of(self, character_id: CharacterId) -> Centre | None:
        found = select(CHARACTERS.c.embedding_space, CHARACTERS.c.embedding).where(
            CHARACTERS.c.id == character_id,
            CHARACTERS.c.workspace_id == self._workspace_id,
            CHARACTERS.c.embedding.is_not(None),
        )
        row = (await self._session.execute(found)).one_or_none()
        return None if row is None else Centre(row.embedding_space, as_vector(row.embedding))

    async def identities(
        self, character_ids: Sequence[CharacterId], space: EmbeddingSpace
    ) -> Mapping[CharacterId, Identity]:
        found = select(CHARACTERS.c.id, CHARACTERS.c.threshold).where(
            CHARACTERS.c.workspace_id == self._workspace_id,
            CHARACTERS.c.id.in_(list(character_ids)),
            CHARACTERS.c.embedding_space == space.key,
            CHARACTERS.c.threshold.is_not(None),
        )
        thresholds = {CharacterId(key): threshold for key, threshold in await self._session.execute(found)}
        vectors = await self._teaching(thresholds, space)
        return {
            key: Identity(space, centre_of(vectors[key]), vectors[key], threshold)
            for key, threshold in thresholds.items()
            if key in vectors
        }

    async def nearest(self, near: Centre, *, limit: int) -> Sequence[Neighbour]:
        distance = CHARACTERS.c.embedding.cosine_distance(list(near.vector))
        # Ordered by the distance alone, which is what the index knows. hnsw.iterative_scan, set on every connection,
        # goes on until enough rows have passed the filters.
        found = (
            select(CHARACTERS.c.id, CHARACTERS.c.threshold, distance.label("distance"))
            .where(
                CHARACTERS.c.workspace_id == self._workspace_id,
                CHARACTERS.c.embedding_space == near.space,
                CHARACTERS.c.embedding.is_not(None),
            )
            .order_by(distance)
            .limit(limit)
        )
        rows = await self._session.execute(found)
        neighbours = [Neighbour(CharacterId(row.id), 1.0 - row.distance, row.threshold) for row in rows]
        return sorted(neighbours, key=lambda each: (-each.score, each.character_id))

    async def await_calibrations(self) -> None:
        lock = text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")
        await self._session.execute(lock, {"name": f"calibrate:{self._workspace_id}"})

    async def replace_look_alikes(
        self, character_id: CharacterId, found: Mapping[CharacterId, float], *, now: datetime
    ) -> Sequence[CharacterId]:
        pairs = {pair(character_id, other_id): likeness for other_id, likeness in found.items()}
        await self._remove_look_alikes(character_id, kept=pairs)
        if not pairs:
            return ()
        rows = [
            {
                "one_id": one,
                "other_id": other,
                "workspace_id": self._workspace_id,
                "likeness": likeness,
                "found_at": now,
            }
            for (one, other), likeness in sorted(pairs.items())
        ]
        written = insert(LOOK_ALIKES).values(rows)
        kept = written.on_conflict_do_update(
            index_elements=["one_id", "other_id"], set_={"likeness": written.excluded.likeness}
        ).returning(
            # A row that this statement inserted has no deleting transaction.
            LOOK_ALIKES.c.one_id,
            LOOK_ALIKES.c.other_id,
            literal_column("xmax = 0").label("is_new"),
        )
        answered = await self._session.execute(kept)
        new = [
            CharacterId(row.other_id if row.one_id == character_id else row.one_id) for row in answered if row.is_new
        ]
        return sorted(new)

    async def _remove_look_alikes(
        self, character_id: CharacterId, *, kept: Iterable[tuple[CharacterId, CharacterId]]
    ) -> None:
        about = or_(LOOK_ALIKES.c.one_id == character_id, LOOK_ALIKES.c.other_id == character_id)
        stays = [and_(LOOK_ALIKES.c.one_id == one, LOOK_ALIKES.c.other_id == other) for one, other in kept]
        gone = [about, LOOK_ALIKES.c.workspace_id == self._workspace_id, *(~each for each in stays)]
        await self._session.execute(delete(LOOK_ALIKES).where(*gone))


def pair(one: CharacterId, other: CharacterId) -> tuple[CharacterId, CharacterId]:
    """Answer the two with the lesser id first, as the table keeps them."""
    return (one, other) if one < other else (other, one)


def as_vector(embedding: Iterable[float]) -> Vector:
    return tuple(float(value) for value in embedding)
