"""Rows of characters and images as entities and back; vectors stay behind, lists need none."""

from sqlalchemy import Row, Select, select

from adapters.postgres.tables import CharacterImageRow, CharacterRow, LookAlikeRow
from domain.characters.identity import PictureFault, QualityVerdict
from domain.characters.models import (
    Calibration,
    Character,
    CharacterImage,
    CharacterState,
    CharacterTexts,
    ImageState,
    ImageType,
    PictureFacts,
    WorkingCopies,
)
from domain.characters.search_terms import SearchTerms, terms_of
from domain.characters.views import Facing, Framing, View
from domain.identifiers import AdapterId, CharacterId, ImageId, ObjectId, WorkspaceId

CHARACTERS = CharacterRow.metadata.tables["characters"]
IMAGES = CharacterImageRow.metadata.tables["character_images"]
LOOK_ALIKES = LookAlikeRow.metadata.tables["look_alikes"]
# Of an image that has a vector: whether its character is learned from it.
TEACHES = (
    IMAGES.c.type == ImageType.REFERENCE.value,
    IMAGES.c.state == ImageState.READY.value,
    IMAGES.c.duplicate_of_id.is_(None),
)
CHARACTER_COLUMNS = [
    column for column in CHARACTERS.c if column.name not in {"embedding", "search_vector", "search_grams"}
]
IMAGE_COLUMNS = [
    *(column for column in IMAGES.c if column.name != "embedding"),
    IMAGES.c.embedding.is_not(None).label("is_embedded"),
]
# PostgreSQL numbers the positions of a text search vector up to here; later ones all count as the last.
POSITION_MAX = 16_383

AnyRow = Row[*tuple[object, ...]]


def select_characters(workspace_id: WorkspaceId | None) -> Select[*tuple[object, ...]]:
    return select(*CHARACTER_COLUMNS).where(CHARACTERS.c.workspace_id == workspace_id)


def select_images(workspace_id: WorkspaceId | None) -> Select[*tuple[object, ...]]:
    return select(*IMAGE_COLUMNS).where(IMAGES.c.workspace_id == workspace_id)


def to_character(row: AnyRow) -> Character:
    learned = None
    if row.threshold is not None:
        learned = Calibration(row.embedding_space, row.threshold, row.images_learned)
    return Character(
        id=CharacterId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        texts=CharacterTexts(row.name, tuple(row.aliases), row.description, row.metadata),
        state=CharacterState(row.state),
        created_at=row.created_at,
        updated_at=row.updated_at,
        revision=row.revision,
        calibration=learned,
        adapter_ids=tuple(AdapterId(each) for each in row.adapter_ids),
    )


def character_values(character: Character) -> dict[str, object]:
    """Answer the columns of a character, without its centre; its calibration's space goes with the centre."""
    texts, learned = character.texts, character.calibration
    terms = terms_of(texts.name, texts.aliases, texts.description)
    return {
        "id": character.id,
        "workspace_id": character.workspace_id,
        "name": texts.name,
        "aliases": list(texts.aliases),
        "description": texts.description,
        "metadata": dict(texts.metadata),
        "state": character.state.value,
        "threshold": None if learned is None else learned.threshold,
        "images_learned": 0 if learned is None else learned.images,
        "embedding_space": None if learned is None else learned.space,
        "revision": character.revision,
        "adapter_ids": list(character.adapter_ids),
        "search_vector": search_vector(terms),
        "search_grams": list(terms.grams),
        "created_at": character.created_at,
        "updated_at": character.updated_at,
    }


def search_vector(terms: SearchTerms) -> str:
    """Write a text search vector as its literal, so that no parser cuts the terms anew."""
    weighted = [
        *((term, "A") for term in terms.name),
        *((term, "B") for term in terms.aliases),
        *((term, "D") for term in terms.description),
    ]
    return " ".join(
        f"{quoted(term)}:{min(place, POSITION_MAX)}{weight}" for place, (term, weight) in enumerate(weighted, 1)
    )


def quoted(term: str) -> str:
    """Answer a term as text search literals take it."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def to_image(row: AnyRow) -> CharacterImage:
    return CharacterImage(
        id=ImageId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        character_id=CharacterId(row.character_id),
        type=ImageType(row.type),
        position=row.position,
        source_id=None if row.source_id is None else ObjectId(row.source_id),
        created_at=row.created_at,
        state=ImageState(row.state),
        refusal=row.refusal,
        copies=to_copies(row),
        facts=to_facts(row),
        duplicate_of=None if row.duplicate_of_id is None else ImageId(row.duplicate_of_id),
    )


def to_copies(row: AnyRow) -> WorkingCopies | None:
    if row.working_id is None:
        return None
    return WorkingCopies(ObjectId(row.working_id), ObjectId(row.thumbnail_id), ObjectId(row.cut_out_id))


def to_facts(row: AnyRow) -> PictureFacts | None:
    if row.perceptual_hash is None:
        return None
    faults = tuple(
        QualityVerdict(PictureFault(each["fault"]), each["measured"], each["limit"]) for each in row.quality["faults"]
    )
    return PictureFacts(
        width_pixels=row.width,
        height_pixels=row.height,
        faults=faults,
        perceptual_hash=row.perceptual_hash,
        cut_out_method=row.quality["cut_out_method"],
        cut_out_confidence=row.quality["cut_out_confidence"],
        space=row.embedding_space,
        is_embedded=row.is_embedded,
        view=to_view(row),
    )


def to_view(row: AnyRow) -> View:
    """Answer the view that was measured with a picture's quality; unknown where none was."""
    framing, facing = row.quality.get("framing"), row.quality.get("facing")
    return View(Framing(framing) if framing else None, Facing(facing) if facing else None)


def image_values(image: CharacterImage) -> dict[str, object]:
    """Answer the columns of an image, without its vector."""
    copies = image.copies
    return {
        "id": image.id,
        "workspace_id": image.workspace_id,
        "character_id": image.character_id,
        "type": image.type.value,
        "position": image.position,
        "source_id": image.source_id,
        "created_at": image.created_at,
        "state": image.state.value,
        "refusal": image.refusal,
        "working_id": None if copies is None else copies.working_id,
        "thumbnail_id": None if copies is None else copies.thumbnail_id,
        "cut_out_id": None if copies is None else copies.cut_out_id,
        "duplicate_of_id": image.duplicate_of,
        **facts_values(image.facts),
    }


def facts_values(facts: PictureFacts | None) -> dict[str, object]:
    if facts is None:
        return {}
    faults = [{"fault": each.fault.value, "measured": each.measured, "limit": each.limit} for each in facts.faults]
    return {
        "width": facts.width_pixels,
        "height": facts.height_pixels,
        "perceptual_hash": facts.perceptual_hash,
        "embedding_space": facts.space,
        "quality": {
            "faults": faults,
            "cut_out_method": facts.cut_out_method,
            "cut_out_confidence": facts.cut_out_confidence,
            "framing": facts.view.framing,
            "facing": facts.view.facing,
        },
    }
