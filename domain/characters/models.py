"""What a character is made of: its texts, its reference images, and what was learned from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.characters.errors import ImageAlreadyRead, NothingToRollBack
from domain.characters.identity import QualityVerdict
from domain.characters.views import UNKNOWN, View
from domain.events import Json
from domain.identifiers import AdapterId, CharacterId, ImageId, ObjectId, WorkspaceId

IMAGES_MAX = 50


class CharacterState(StrEnum):
    """LEARNING while pictures are read; READY to be cast; NEEDS_ATTENTION when no picture can be learned from."""

    LEARNING = "learning"
    READY = "ready"
    NEEDS_ATTENTION = "needs_attention"

    @property
    def is_final(self) -> bool:
        return self is not CharacterState.LEARNING


class ImageType(StrEnum):
    """Whether a picture was given to show who the character is, or made by an engine."""

    REFERENCE = "reference"
    GENERATED = "generated"


class ImageState(StrEnum):
    """PENDING until the picture is read; then READY, or REFUSED with a code."""

    PENDING = "pending"
    READY = "ready"
    REFUSED = "refused"

    @property
    def is_final(self) -> bool:
        return self is not ImageState.PENDING


@dataclass(frozen=True, slots=True)
class CharacterTexts:
    """What a user says about a character; made by `texts.checked_texts`, which holds the rules."""

    name: str
    aliases: tuple[str, ...] = ()
    description: str = ""
    metadata: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Calibration:
    """The outcome of learning: the score that is still this character, in which space, from how many pictures.

    The centre itself is kept by the store of vectors, so that lists need not carry it.
    """

    space: str
    threshold: float
    images: int


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody who can be cast.

    `revision` rises whenever the set of its usable pictures may have changed; a calibration belongs to one revision and
    is dropped when it comes late. `adapter_ids` are the versions of its adapter that were put to use and not rolled
    back, the one in use last.
    """

    id: CharacterId
    workspace_id: WorkspaceId
    texts: CharacterTexts
    state: CharacterState
    created_at: datetime
    updated_at: datetime
    revision: int = 0
    calibration: Calibration | None = None
    adapter_ids: tuple[AdapterId, ...] = ()

    @property
    def adapter_id(self) -> AdapterId | None:
        """The version of its adapter that is in use."""
        return self.adapter_ids[-1] if self.adapter_ids else None

    @property
    def name(self) -> str:
        return self.texts.name

    def described_as(self, texts: CharacterTexts, *, now: datetime) -> "Character":
        """Answer the character under other texts."""
        return replace(self, texts=texts, updated_at=now)

    def with_pictures_changed(self, *, now: datetime) -> "Character":
        """Answer the character whose pictures came or went; what was learned stays in use until it is learned anew."""
        return replace(self, state=CharacterState.LEARNING, revision=self.revision + 1, updated_at=now)

    def calibrated(self, calibration: Calibration, *, now: datetime) -> "Character":
        """Answer the character that is known now."""
        return replace(self, state=CharacterState.READY, calibration=calibration, updated_at=now)

    def using(self, adapter_id: AdapterId, *, now: datetime) -> "Character":
        """Answer the character with this version in use; the one before is kept, to be rolled back to."""
        return replace(self, adapter_ids=(*self.adapter_ids, adapter_id), updated_at=now)

    def rolled_back(self, *, now: datetime) -> "Character":
        """Answer the character with the version in use that was before, or with none; raises NothingToRollBack."""
        if not self.adapter_ids:
            raise NothingToRollBack(f"'{self.name}' has no adapter in use.", field="id")
        return replace(self, adapter_ids=self.adapter_ids[:-1], updated_at=now)

    def without_identity(self, *, now: datetime) -> "Character":
        """Answer the character that has no picture to be learned from."""
        return replace(self, state=CharacterState.NEEDS_ATTENTION, calibration=None, updated_at=now)


@dataclass(frozen=True, slots=True)
class WorkingCopies:
    """What is made of an accepted picture: upright and stripped of metadata, small, and cut out with alpha."""

    working_id: ObjectId
    thumbnail_id: ObjectId
    cut_out_id: ObjectId

    @property
    def object_ids(self) -> tuple[ObjectId, ...]:
        return (self.working_id, self.thumbnail_id, self.cut_out_id)


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What was measured on a picture; `is_embedded` unless there was no figure to make a vector of in `space`.

    Of pictures that were read before views were measured, the view is unknown.
    """

    width_pixels: int
    height_pixels: int
    faults: tuple[QualityVerdict, ...]
    perceptual_hash: int
    cut_out_method: str
    cut_out_confidence: float
    space: str
    is_embedded: bool
    view: View = UNKNOWN


@dataclass(frozen=True, slots=True)
class CharacterImage:
    """One picture of a character; `position` orders them, `refusal` is a code such as `too_many_pixels`.

    `source_id` is what was uploaded, with whatever metadata it carries; it is let go as soon as it is read.
    """

    id: ImageId
    workspace_id: WorkspaceId
    character_id: CharacterId
    type: ImageType
    position: int
    source_id: ObjectId | None
    created_at: datetime
    state: ImageState = ImageState.PENDING
    refusal: str | None = None
    copies: WorkingCopies | None = None
    facts: PictureFacts | None = None
    duplicate_of: ImageId | None = None

    @property
    def can_teach(self) -> bool:
        """Whether an identity is learned from it: a reference, read, with a vector, and not a duplicate of another."""
        is_embedded = self.facts is not None and self.facts.is_embedded
        is_reference = self.type is ImageType.REFERENCE and self.duplicate_of is None
        return is_reference and self.state is ImageState.READY and is_embedded

    @property
    def object_ids(self) -> tuple[ObjectId, ...]:
        """The objects that this image holds on to."""
        source = () if self.source_id is None else (self.source_id,)
        return source if self.copies is None else (*source, *self.copies.object_ids)

    def accepted(self, copies: WorkingCopies, facts: PictureFacts) -> "CharacterImage":
        """Answer the picture as read; raises ImageAlreadyRead unless it is pending."""
        self._require_pending()
        return replace(self, state=ImageState.READY, source_id=None, copies=copies, facts=facts)

    def refused(self, code: str) -> "CharacterImage":
        """Answer the picture as refused; raises ImageAlreadyRead unless it is pending."""
        self._require_pending()
        return replace(self, state=ImageState.REFUSED, source_id=None, refusal=code)

    def as_duplicate_of(self, original: ImageId | None) -> "CharacterImage":
        """Answer the picture marked as showing the same as another, or as the first of its kind."""
        return replace(self, duplicate_of=original)

    def _require_pending(self) -> None:
        if self.state is not ImageState.PENDING:
            raise ImageAlreadyRead(f"This picture is {self.state.value} already.")
