"""What a render froze when it was requested: the storyboard as it stood and who its cast were."""

from dataclasses import dataclass

from domain.identifiers import CharacterId, ImageId, ObjectId, ShotId, StoryboardId
from domain.renders.errors import CharacterNotReady
from domain.storyboards.models import ShotContent


@dataclass(frozen=True, slots=True)
class CutOut:
    """A figure cut out of a reference image: RGBA PNG, by what it is and by its bytes."""

    object_id: ObjectId
    sha256: str


@dataclass(frozen=True, slots=True)
class FrozenIdentity:
    """By what a character is recognised: which vectors of which space, and the threshold calibrated for them."""

    space: str
    threshold: float
    image_ids: tuple[ImageId, ...]


@dataclass(frozen=True, slots=True)
class FrozenCharacter:
    """A cast member as it was: its name, its cut-outs, the canonical one first, and its identity."""

    character_id: CharacterId
    name: str
    cut_outs: tuple[CutOut, ...]
    identity: FrozenIdentity | None = None

    def require_ready(self) -> None:
        """Raise CharacterNotReady when there is nothing to place in a shot or nothing to judge it by."""
        if not self.cut_outs or self.identity is None:
            raise CharacterNotReady(f"'{self.name}' has no usable picture yet.", field="storyboardId")


@dataclass(frozen=True, slots=True)
class FrozenShot:
    """A shot as it stood, with its place in the order, counted from 1."""

    id: ShotId
    number: int
    content: ShotContent


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The storyboard as it stood; its shots are kept beside it, one by one."""

    storyboard_id: StoryboardId
    storyboard_version: int
    title: str
    language: str
    style: str
    shots_total: int
    cast: tuple[FrozenCharacter, ...]
    engine_version: str

    def cast_of(self, content: ShotContent) -> tuple[FrozenCharacter, ...]:
        """Who is in the shot, in the shot's order; raises CharacterNotReady for one who is gone."""
        known = {character.character_id: character for character in self.cast}
        missing = [member for member in content.cast if member.character_id not in known]
        if missing:
            raise CharacterNotReady("A cast member of the shot is gone.", field="storyboardId")
        return tuple(known[member.character_id] for member in content.cast)
