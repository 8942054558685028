"""The cast as renders freeze it, read from the characters and images that there are now."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.character_rows import to_view
from adapters.postgres.render_rows import AnyRow
from adapters.postgres.tables import AdapterVersionRow, CharacterImageRow, CharacterRow, ObjectRow
from domain.characters.appearance import appearance_of
from domain.characters.gate import ExpectedCharacter
from domain.characters.identity import EmbeddingSpace, Identity, centre_of, unit
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
    IMAGES.c.embedding.is_not(None).label("is_embedded"),
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
        images = await self._images(character_ids)
        return [_freeze(row, images.get(row.id, ())) for row in characters]

    async def _images(self, character_ids: Collection[CharacterId]) -> Mapping[UUID, Sequence[AnyRow]]:
        """Pictures with a cut-out, by character and position; copies of another picture teach nothing."""
        statement = (
            select(*IMAGE_COLUMNS)
            .join(OBJECTS, OBJECTS.c.id == IMAGES.c.cut_out_id)
            .where(
                IMAGES.c.character_id.in_(character_ids),
                IMAGES.c.workspace_id == self._workspace_id,
                IMAGES.c.duplicate_of_id.is_(None),
            )
            .order_by(IMAGES.c.character_id, IMAGES.c.position, IMAGES.c.id)
        )
        found: defaultdict[UUID, list[AnyRow]] = defaultdict(list)
        for row in await self._session.execute(statement):
            found[row.character_id].append(row)
        return found

    async def expected(self, cast: Sequence[FrozenCharacter]) -> Sequence[ExpectedCharacter]:
        image_ids = [image for character in cast if character.identity for image in character.identity.image_ids]
        rows = await self._session.execute(
            select(IMAGES.c.id, IMAGES.c.embedding).where(
                IMAGES.c.id.in_(image_ids),
                IMAGES.c.workspace_id == self._workspace_id,
                IMAGES.c.embedding.is_not(None),
            )
        )
        vectors = {ImageId(row.id): unit([float(value) for value in row.embedding]) for row in rows}
        return [_expected(character, vectors) for character in cast]


def _freeze(row: AnyRow, images: Sequence[AnyRow]) -> FrozenCharacter:
    identity = None
    teaching = [image for image in images if image.is_embedded and image.embedding_space == row.embedding_space]
    if row.threshold is not None and teaching:
        image_ids = tuple(ImageId(image.id) for image in teaching)
        identity = FrozenIdentity(row.embedding_space, row.threshold, image_ids)
    cut_outs = tuple(CutOut(ObjectId(image.cut_out_id), image.sha256, to_view(image)) for image in images)
    texts = CharacterTexts(row.name, description=row.description, metadata=row.metadata)
    appearance = appearance_of(texts).told
    return FrozenCharacter(CharacterId(row.id), row.name, cut_outs, identity, appearance, _adapter(row))


def _adapter(row: AnyRow) -> FrozenAdapter | None:
    if row.weights_id is None:
        return None
    return FrozenAdapter(AdapterId(row.adapter_id), ObjectId(row.weights_id), row.sha256, row.trigger)


def _expected(character: FrozenCharacter, vectors: Mapping[ImageId, tuple[float, ...]]) -> ExpectedCharacter:
    frozen = character.identity
    known = tuple(vectors[image] for image in frozen.image_ids if image in vectors) if frozen else ()
    if frozen is None or not known:
        raise CharacterGone(f"'{character.name}' was deleted while the render was under way.")
    name, _, version = frozen.space.rpartition("@")
    space = EmbeddingSpace(name, int(version), len(known[0]))
    return ExpectedCharacter(character.character_id, Identity(space, centre_of(known), known, frozen.threshold))
