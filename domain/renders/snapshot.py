"""What a render froze when it was requested: the storyboard as it stood and who its cast were."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.characters.views import UNKNOWN, View
from domain.identifiers import AdapterId, CharacterId, ImageId, ObjectId, ShotId, StoryboardId, public_id
from domain.renders.errors import CharacterNotReady
from domain.storyboards.models import ShotContent


@dataclass(frozen=True, slots=True)
class CutOut:
    """A figure cut out of a reference image: RGBA PNG, by what it is and by its bytes.

    Cut-outs of equal bytes are equal, whether their view was measured or not: a picture must not seem to have changed
    because more is known of it.
    """

    object_id: ObjectId
    sha256: str
    view: View = field(default=UNKNOWN, compare=False)


@dataclass(frozen=True, slots=True)
class FrozenIdentity:
    """By what a character is recognised: which vectors of which space, and the threshold calibrated for them.

    Where the space `is_by_worker`, figures are embedded by a worker before they are judged.
    """

    space: str
    threshold: float
    image_ids: tuple[ImageId, ...]
    is_by_worker: bool = False


@dataclass(frozen=True, slots=True)
class FrozenAdapter:
    """The version of a character's adapter that was in use, by its weights, and the word that calls the character."""

    adapter_id: AdapterId
    object_id: ObjectId
    sha256: str
    trigger: str


@dataclass(frozen=True, slots=True)
class FrozenCharacter:
    """A cast member as it was: its name, its cut-outs, the canonical one first, and its identity.

    `appearance`, in English, and `adapter` are kept for engines that can use them, and only in renders by those.
    """

    character_id: CharacterId
    name: str
    cut_outs: tuple[CutOut, ...]
    identity: FrozenIdentity | None = None
    appearance: str = ""
    adapter: FrozenAdapter | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there is something to place in a shot and something to judge it by."""
        return bool(self.cut_outs) and self.identity is not None


@dataclass(frozen=True, slots=True)
class FrozenShot:
    """A shot as it stood, with its place in the order, counted from 1."""

    id: ShotId
    number: int
    content: ShotContent


def require_ready(cast: Sequence[FrozenCharacter], shots: Sequence[FrozenShot]) -> None:
    """Raise CharacterNotReady, naming shot and character, for the first shot that casts one who cannot be filmed."""
    known = {character.character_id: character for character in cast}
    for shot in shots:
        for member in shot.content.cast:
            key = public_id("Character", member.character_id)
            character = known.get(member.character_id)
            if character is None:
                refusal = f"Shot {shot.number} casts {key}, who was deleted. Edit the shot."
                raise CharacterNotReady(refusal, field="storyboardId")
            if not character.is_ready:
                lack = f"'{character.name}' ({key}), who has no usable picture yet"
                refusal = f"Shot {shot.number} casts {lack}. Add one, or edit the shot."
                raise CharacterNotReady(refusal, field="storyboardId")


def require_whole(robbed: Sequence[FrozenCharacter]) -> None:
    """Raise CharacterNotReady where pictures are gone that a render is to be filmed on with."""
    for character in robbed:
        lack = f"Pictures of '{character.name}' that the render was ordered with were removed."
        raise CharacterNotReady(f"{lack} Order a new one: what has not changed is taken over.", field="id")


@dataclass(frozen=True, slots=True)
class FrozenEngine:
    """Another engine that was there to be tried for keyframes, and what of the cast and the shot it is told."""

    name: str
    version: str
    reads_words: bool = False
    takes_adapters: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The storyboard as it stood; its shots are kept beside it, one by one.

    `other_engine` is the one that the ladder of the render's own engine tries last, where both were there.
    """

    storyboard_id: StoryboardId
    storyboard_version: int
    title: str
    language: str
    style: str
    shots_total: int
    cast: tuple[FrozenCharacter, ...]
    engine_version: str
    other_engine: FrozenEngine | None = None

    def worker_space_of(self, content: ShotContent) -> str | None:
        """The worker's space in which the shot is judged; a cast is frozen in one space."""
        identities = [character.identity for character in self.cast_of(content)]
        return next((each.space for each in identities if each is not None and each.is_by_worker), None)

    def cast_of(self, content: ShotContent) -> tuple[FrozenCharacter, ...]:
        """Who is in the shot, in the shot's order; `require_ready` has made sure that all are known."""
        known = {character.character_id: character for character in self.cast}
        return tuple(known[member.character_id] for member in content.cast)
