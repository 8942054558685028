"""Characters, their pictures and vectors for tests."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bootstrap.clock import new_id
from domain.characters.identity import EmbeddingSpace, SpaceProfile, Vector, unit
from domain.characters.models import (
    Character,
    CharacterImage,
    CharacterState,
    ImageState,
    ImageType,
    PictureFacts,
    WorkingCopies,
)
from domain.characters.texts import checked_texts
from domain.characters.views import UNKNOWN, View
from domain.identifiers import CharacterId, ImageId, ObjectId, WorkspaceId

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SPACE = EmbeddingSpace("test", 1)
OTHER_SPACE = EmbeddingSpace("test", 2)
PROFILE = SpaceProfile(space=SPACE, pair_mean=0.7, pair_deviation=0.1, other_high=0.5, copy_score=0.97)


def character(
    workspace_id: WorkspaceId | None = None,
    *,
    name: str = "Peter Rabbit",
    aliases: Sequence[str] = (),
    description: str = "",
    state: CharacterState = CharacterState.LEARNING,
    age: int = 0,
) -> Character:
    """A character made `age` seconds before now."""
    made = NOW - timedelta(seconds=age)
    return Character(
        id=CharacterId(new_id()),
        workspace_id=workspace_id or WorkspaceId(new_id()),
        texts=checked_texts(name=name, aliases=aliases, description=description),
        state=state,
        created_at=made,
        updated_at=made,
    )


def image(
    of: Character, *, position: int = 0, source_id: ObjectId | None = None, kind: ImageType = ImageType.REFERENCE
) -> CharacterImage:
    """A picture that is still to be read."""
    return CharacterImage(
        id=ImageId(new_id()),
        workspace_id=of.workspace_id,
        character_id=of.id,
        type=kind,
        position=position,
        source_id=source_id,
        created_at=NOW,
        state=ImageState.PENDING,
    )


def facts(
    *, perceptual_hash: int = 0, is_embedded: bool = True, space: EmbeddingSpace = SPACE, view: View = UNKNOWN
) -> PictureFacts:
    return PictureFacts(
        width_pixels=512,
        height_pixels=512,
        faults=(),
        perceptual_hash=perceptual_hash,
        cut_out_method="alpha",
        cut_out_confidence=1.0,
        space=space.key,
        is_embedded=is_embedded,
        view=view,
    )


def copies() -> WorkingCopies:
    return WorkingCopies(ObjectId(new_id()), ObjectId(new_id()), ObjectId(new_id()))


def read_image(
    of: Character, *, position: int = 0, perceptual_hash: int = 0, is_embedded: bool = True
) -> CharacterImage:
    """A picture that was read."""
    pending = image(of, position=position)
    return pending.accepted(copies(), facts(perceptual_hash=perceptual_hash, is_embedded=is_embedded))


def vector(*degrees: float, size: int = 768) -> Vector:
    """A unit vector turned by the degrees, one after the other, out of the first axis into the next ones."""
    parts, left = [0.0] * size, 1.0
    for axis, angle in enumerate(degrees, 1):
        parts[axis] = left * math.sin(math.radians(angle))
        left *= math.cos(math.radians(angle))
    parts[0] = left
    return unit(parts)
