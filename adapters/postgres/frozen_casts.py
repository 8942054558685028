"""The cast as renders freeze it, read from the characters and images that there are now."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.character_rows import to_view
from adapters.postgres.render_rows import AnyRow
from adapters.postgres.tables import AdapterVersionRow, CharacterImageRow, CharacterRow, ObjectRow
from adapters.postgres.worker_spaces import IDENTITIES, VECTORS
from domain.characters.appearance import appearance_of
from domain.characters.gate import ExpectedCharacter
from domain.characters.identity import EmbeddingSpace, Identity, Vector, centre_of, unit
from domain.characters.models import CharacterTexts
from domain.identifiers import AdapterId, CharacterId, ImageId, ObjectId, WorkspaceId
from domain.renders.errors import CharacterGone
from domain.renders.snapshot import CutOut, FrozenAdapter, FrozenCharacter, FrozenIdentity

CHARACTERS = CharacterRow.metadata.tables["characters"]
IMAGES = CharacterImageRow.metadata.tables["character_images"]
OBJECTS = ObjectRow.metadata.tables["objects"]

VERSIONS = AdapterVersionRow.metadata.tables["adapter_versions"]
# The version of the character's adapter that is in use is the last that was put to use.
IN_USE = CHARACTERS.c.adapter_ids[func.cardinality(CHARACTERS.c.adapter_ids)]

CHARACTER_COLUMNS = [
    CHARACTERS.c.id,
    CHARACTERS.c.name,
    CHARACTERS.c.description,
    CHARACTERS.c.metadata,
    CHARACTERS.c.threshold,
    CHARACTERS.c.embedding_space,
    IN_USE.label("adapter_id"),
]
IMAGE_COLUMNS = [
    IMAGES.c.id,
    IMAGES.c.character_id,
    IMAGES.c.cut_out_id,
    OBJECTS.c.sha256,
    IMAGES.c.quality,
    IMAGES.c.embedding_space,
]


class PostgresFrozenCasts:
    """Freezes characters and finds their vectors again."""

    def __init__(self, session: AsyncSession, *, workspace_id: WorkspaceId | None) -> None:
        self._session = session
        self._workspace_id = workspace_id

    async def freeze(self, character_ids: Collection[CharacterId]) -> Sequence[FrozenCharacter]:
        characters = await self._session.execute(
            select(*CHARACTER_COLUMNS, VERSIONS.c.trigger, VERSIONS.c.weights_id, OBJECTS.c.sha256)
            .outerjoin(VERSIONS, VERSIONS.c.id == IN_USE)
            .outerjoin(OBJECTS, OBJECTS.c.id == VERSIONS.c.weights_id)
            .where(CHARACTERS.c.id.in_(character_ids), CHARACTERS.c.workspace_id == self._workspace_id)
            .order_by(CHARACTERS.c.id)
        )
        rows = characters.all()
        images = await self._images(character_ids)
        teaching = {row.id: _teaching(row, images.get(row.id, ())) for row in rows}
        built_in = {row.id: FrozenIdentity(row.embedding_space, row.threshold, teaching[row.id]) for row in rows}
        learned = await self._common_space(teaching) or built_in
        return [_freeze(row, images.get(row.id, ()), learned[row.id]) for row in rows]

    async def _common_space(self, teaching: Mapping[UUID, Sequence[ImageId]]) -> Mapping[UUID, FrozenIdentity]:
        """The identities in the worker's space in which all of these characters are known, the newest of such spaces.

        Nothing where there is none: a cast is judged in one space, and the built-in one knows everybody.
        """
        image_ids = [image_id for images in teaching.values() for image_id in images]
        vectors = await self._session.execute(
            select(VECTORS.c.space, VECTORS.c.image_id).where(
                VECTORS.c.image_id.in_(image_ids), VECTORS.c.workspace_id == self._workspace_id
            )
        )
        embedded: defaultdict[str, set[UUID]] = defaultdict(set)
        for space, image_id in vectors:
            embedded[space].add(image_id)
        identities = await self._session.execute(
            select(IDENTITIES)
            .where(IDENTITIES.c.character_id.in_(teaching), IDENTITIES.c.workspace_id == self._workspace_id)
            .order_by(IDENTITIES.c.learned_at.desc(), IDENTITIES.c.space)
        )
        known: defaultdict[str, dict[UUID, FrozenIdentity]] = defaultdict(dict)
        for row in identities:
            images = tuple(image_id for image_id in teaching[row.character_id] if image_id in embedded[row.space])
            if images:
                known[row.space][row.character_id] = FrozenIdentity(row.space, row.threshold, images, is_by_worker=True)
        return next((each for each in known.values() if len(each) == len(teaching)), {})

    async def _images(self, character_ids: Collection[CharacterId]) -> Mapping[UUID, Sequence[AnyRow]]:
        """Pictures in which a figure was found, by character and position; copies of another picture teach nothing."""
        statement = (
            select(*IMAGE_COLUMNS)
            .join(OBJECTS, OBJECTS.c.id == IMAGES.c.cut_out_id)
            .where(
                IMAGES.c.character_id.in_(character_ids),
                IMAGES.c.workspace_id == self._workspace_id,
                IMAGES.c.duplicate_of_id.is_(None),
                IMAGES.c.embedding.is_not(None),
            )
            .order_by(IMAGES.c.character_id, IMAGES.c.position, IMAGES.c.id)
        )
        found: defaultdict[UUID, list[AnyRow]] = defaultdict(list)
        for row in await self._session.execute(statement):
            found[row.character_id].append(row)
        return found

    async def robbed(self, cast: Sequence[FrozenCharacter]) -> Sequence[FrozenCharacter]:
        cut_out_ids = {cut_out.object_id for character in cast for cut_out in character.cut_outs}
        kept = select(IMAGES.c.cut_out_id).where(
            IMAGES.c.cut_out_id.in_(cut_out_ids), IMAGES.c.workspace_id == self._workspace_id
        )
        there = set(await self._session.scalars(kept))
        return [each for each in cast if not there.issuperset(cut_out.object_id for cut_out in each.cut_outs)]

    async def expected(self, cast: Sequence[FrozenCharacter]) -> Sequence[ExpectedCharacter]:
        image_ids = [image for character in cast if character.identity for image in character.identity.image_ids]
        built_in = select(IMAGES.c.id, IMAGES.c.embedding_space.label("space"), IMAGES.c.embedding).where(
            IMAGES.c.id.in_(image_ids),
            IMAGES.c.workspace_id == self._workspace_id,
            IMAGES.c.embedding.is_not(None),
        )
        by_workers = select(VECTORS.c.image_id, VECTORS.c.space, VECTORS.c.embedding).where(
            VECTORS.c.image_id.in_(image_ids),
            VECTORS.c.workspace_id == self._workspace_id,
            VECTORS.c.space.in_({each.identity.space for each in cast if each.identity}),
        )
        vectors: dict[tuple[ImageId, str], Vector] = {}
        for statement in (built_in, by_workers):
            for image_id, space, embedding in await self._session.execute(statement):
                vectors[ImageId(image_id), space] = unit([float(value) for value in embedding])
        return [_expected(character, vectors) for character in cast]


def _teaching(row: AnyRow, images: Sequence[AnyRow]) -> tuple[ImageId, ...]:
    """The images that the character is learned from."""
    return tuple(ImageId(image.id) for image in images if image.embedding_space == row.embedding_space)


def _freeze(row: AnyRow, images: Sequence[AnyRow], learned: FrozenIdentity) -> FrozenCharacter:
    identity = learned if row.threshold is not None and learned.image_ids else None
    cut_outs = tuple(CutOut(ObjectId(image.cut_out_id), image.sha256, to_view(image)) for image in images)
    texts = CharacterTexts(row.name, description=row.description, metadata=row.metadata)
    appearance = appearance_of(texts).told
    return FrozenCharacter(CharacterId(row.id), row.name, cut_outs, identity, appearance, _adapter(row))


def _adapter(row: AnyRow) -> FrozenAdapter | None:
    if row.weights_id is None:
        return None
    return FrozenAdapter(AdapterId(row.adapter_id), ObjectId(row.weights_id), row.sha256, row.trigger)


def _expected(character: FrozenCharacter, vectors: Mapping[tuple[ImageId, str], Vector]) -> ExpectedCharacter:
    frozen = character.identity
    keys = [(image_id, frozen.space) for image_id in frozen.image_ids] if frozen else []
    known = tuple(vectors[key] for key in keys if key in vectors)
    if frozen is None or not known:
        raise CharacterGone(f"'{character.name}' was deleted while the render was under way.")
    name, _, version = frozen.space.rpartition("@")
    space = EmbeddingSpace(name, int(version), len(known[0]))
    return ExpectedCharacter(character.character_id, Identity(space, centre_of(known), known, frozen.threshold))
