"""What a storyboard is made of: shots, their cast, setting, dialogue and camera."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.identifiers import CharacterId, ShotId, StoryboardId, WorkspaceId
from domain.storyboards.errors import StoryboardBeingWritten, StoryboardNotBeingWritten, StoryboardVersionConflict

SHOT_SECONDS_MIN, SHOT_SECONDS_MAX = 1.0, 20.0
SHOTS_MAX = 1000
SCRIPT_CHARACTERS_MAX = 200_000
CAST_IN_SHOT_MAX = 6


class ShotSize(StrEnum):
    """How much of the figure the frame shows, from far to near."""

    EXTREME_WIDE = "extreme_wide"
    WIDE = "wide"
    FULL = "full"
    MEDIUM = "medium"
    MEDIUM_CLOSE_UP = "medium_close_up"
    CLOSE_UP = "close_up"
    EXTREME_CLOSE_UP = "extreme_close_up"


class CameraMove(StrEnum):
    """What the camera does while the shot runs."""

    STATIC = "static"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"
    PUSH_IN = "push_in"
    PULL_OUT = "pull_out"
    HANDHELD = "handheld"
    PARALLAX = "parallax"


class TimeOfDay(StrEnum):
    """The light of a setting."""

    DAWN = "dawn"
    DAY = "day"
    DUSK = "dusk"
    NIGHT = "night"


class Weather(StrEnum):
    """The weather of an exterior."""

    CLEAR = "clear"
    CLOUDY = "cloudy"
    RAIN = "rain"
    SNOW = "snow"
    FOG = "fog"
    STORM = "storm"


class Mood(StrEnum):
    """The feeling that colours the light."""

    NEUTRAL = "neutral"
    JOYFUL = "joyful"
    TENSE = "tense"
    SAD = "sad"
    MYSTERIOUS = "mysterious"
    EPIC = "epic"


class Scenery(StrEnum):
    """The kind of place that a background painter knows how to paint."""

    FIELD = "field"
    FOREST = "forest"
    MOUNTAINS = "mountains"
    SEA = "sea"
    RIVER = "river"
    DESERT = "desert"
    GARDEN = "garden"
    ROAD = "road"
    VILLAGE = "village"
    CITY = "city"
    CASTLE = "castle"
    ROOM = "room"
    HALL = "hall"
    CAVE = "cave"


class Transition(StrEnum):
    """How the shot begins."""

    CUT = "cut"
    FADE = "fade"
    DISSOLVE = "dissolve"


class Placement(StrEnum):
    """Where in the frame a cast member stands; automatic leaves it to the engine."""

    AUTOMATIC = "automatic"
    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when a shot plays; `name` is the script's own words ("Mr. McGregor's garden")."""

    name: str = ""
    scenery: Scenery = Scenery.FIELD
    is_interior: bool = False
    time_of_day: TimeOfDay = TimeOfDay.DAY
    weather: Weather = Weather.CLEAR
    mood: Mood = Mood.NEUTRAL


@dataclass(frozen=True, slots=True)
class CastMember:
    """A character that is to be seen in the shot."""

    character_id: CharacterId
    placement: Placement = Placement.AUTOMATIC


@dataclass(frozen=True, slots=True)
class DialogueLine:
    """One spoken line; `speaker` as the script names them, `character_id` when that is a known character."""

    text: str
    speaker: str = ""
    character_id: CharacterId | None = None


@dataclass(frozen=True, slots=True)
class ShotContent:
    """Everything about a shot that a user may edit; a new value is a new version of the storyboard.

    `prompt` says in English what is to be seen, for engines that read words; empty leaves them what else is known.
    `extras` says that others than the cast may be seen: passers-by, a crowd, whoever the lab has no character for.
    """

    action: str
    cast: tuple[CastMember, ...] = ()
    setting: Setting = field(default_factory=Setting)
    dialogue: tuple[DialogueLine, ...] = ()
    narration: str = ""
    size: ShotSize = ShotSize.MEDIUM
    move: CameraMove = CameraMove.STATIC
    transition: Transition = Transition.CUT
    seconds: float = 4.0
    prompt: str = ""
    extras: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it shows, tells and says nothing."""
        return not any(map(str.strip, (self.action, self.narration, *(line.text for line in self.dialogue))))


@dataclass(frozen=True, slots=True)
class Shot:
    """One camera take of a storyboard; `id` stays through moves and edits."""

    id: ShotId
    content: ShotContent


class StoryboardState(StrEnum):
    """WRITING until the writer is done; a refused or failed script leaves FAILED with the reason."""

    WRITING = "writing"
    READY = "ready"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self is not StoryboardState.WRITING


@dataclass(frozen=True, slots=True)
class Storyboard:
    """The shots planned from one script, in order; `version` rises by one with every edit."""

    id: StoryboardId
    workspace_id: WorkspaceId
    title: str
    script: str
    language: str
    style: str
    seconds_target: float | None
    cast: tuple[CharacterId, ...] | None
    state: StoryboardState
    version: int
    shots: tuple[Shot, ...]
    created_at: datetime
    updated_at: datetime
    failure: str = ""
    writer: str = "builtin"

    @property
    def seconds(self) -> float:
        return sum(shot.content.seconds for shot in self.shots)

    def begun(self, *, writer: str, language: str, now: datetime) -> "Storyboard":
        """The writer starts, or starts again after a failure: nothing of an earlier attempt stays."""
        self._require_writing()
        return replace(self, writer=writer, language=language, shots=(), updated_at=now)

    def written(self, *, now: datetime) -> "Storyboard":
        """The writer is done: the first version."""
        self._require_writing()
        return replace(self, state=StoryboardState.READY, version=self.version + 1, updated_at=now)

    def failed(self, reason: str, *, now: datetime) -> "Storyboard":
        """The writer gave up; the shots that it wrote stay, so that a user can go on from them."""
        self._require_writing()
        return replace(self, state=StoryboardState.FAILED, failure=reason, version=self.version + 1, updated_at=now)

    def edited(self, shots: Sequence[Shot], *, expected_version: int, now: datetime) -> "Storyboard":
        """The next version with these shots; a failed storyboard that has shots is ready again.

        Raises StoryboardBeingWritten and, when somebody else was faster, StoryboardVersionConflict.
        """
        if not self.state.is_final:
            raise StoryboardBeingWritten("The storyboard is still being written.")
        if expected_version != self.version:
            raise StoryboardVersionConflict(expected=expected_version, actual=self.version)
        state = StoryboardState.READY if shots else self.state
        failure = "" if shots else self.failure
        return replace(self, shots=tuple(shots), state=state, failure=failure, version=self.version + 1, updated_at=now)

    def renamed(self, title: str, *, now: datetime) -> "Storyboard":
        return replace(self, title=title, updated_at=now)

    def _require_writing(self) -> None:
        if self.state is not StoryboardState.WRITING:
            raise StoryboardNotBeingWritten(f"The storyboard is {self.state.value}.")
