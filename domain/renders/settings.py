"""What a user chooses for a render: frame, speed, engine, seed, captions and how strict the identity gate is."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from domain.errors import Invalid

FRAMES_PER_SECOND_MIN, FRAMES_PER_SECOND_MAX = 8, 60
REROLLS_MAX = 8
# A slate adds this to a shot; it takes none of the time that reading and acting need.
SLATE_SECONDS = 1.0
SEED_LIMIT = 2**63


class Aspect(StrEnum):
    """The frame's shape, width to height."""

    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"


class Detail(IntEnum):
    """The frame's short side in pixels."""

    P180 = 180
    P360 = 360
    P540 = 540
    P720 = 720
    P1080 = 1080


class IdentityPolicy(StrEnum):
    """What becomes of a shot whose takes all fail the gate.

    STRICT fails it, BALANCED uses the best take and marks it, OFF does not look.
    """

    STRICT = "strict"
    BALANCED = "balanced"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class FrameSize:
    """Width and height in pixels, both even."""

    width: int
    height: int


def frame_size(aspect: Aspect, detail: Detail) -> FrameSize:
    short, long = int(detail), int(detail) * 16 // 9
    match aspect:
        case Aspect.WIDE:
            return FrameSize(long, short)
        case Aspect.TALL:
            return FrameSize(short, long)
        case Aspect.SQUARE:
            return FrameSize(short, short)


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """One order's choices; without a seed the storyboard's own is used, so that a second render finds the first."""

    aspect: Aspect = Aspect.WIDE
    detail: Detail = Detail.P720
    frames_per_second: int = 24
    engine: str = "animatic"
    seed: int | None = None
    are_captions_burnt_in: bool = True
    has_slate: bool = False
    rerolls_max: int = 2
    identity_policy: IdentityPolicy = IdentityPolicy.BALANCED

    def __post_init__(self) -> None:
        if not FRAMES_PER_SECOND_MIN <= self.frames_per_second <= FRAMES_PER_SECOND_MAX:
            raise Invalid(
                f"Frames a second are between {FRAMES_PER_SECOND_MIN} and {FRAMES_PER_SECOND_MAX}.",
                field="framesPerSecond",
            )
        if not 0 <= self.rerolls_max <= REROLLS_MAX:
            raise Invalid(f"A shot has 0 to {REROLLS_MAX} re-rolls.", field="rerollsMax")
        if self.seed is not None and not 0 <= self.seed < SEED_LIMIT:
            raise Invalid("A seed is a whole number from 0 below 2^63.", field="seed")

    @property
    def frame(self) -> FrameSize:
        return frame_size(self.aspect, self.detail)

    @property
    def slate_frames(self) -> int:
        """What each shot's slate adds to its length."""
        return round(SLATE_SECONDS * self.frames_per_second) if self.has_slate else 0

    def film_seconds_of(self, seconds: float) -> float:
        """The seconds of film that a shot of this length comes to with its slate."""
        return seconds + self.slate_frames / self.frames_per_second

    def frames_of(self, seconds: float) -> int:
        """A shot's length in frames: the nearest whole number, at least one."""
        return max(1, round(seconds * self.frames_per_second))
