"""Commands to a worker and what it answers: one shot's keyframe, one shot's clip.

Pixels go through presigned URLs; a command names its inputs by name, and `contracts.protocol.Claimed` says where
each lies.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

COMMAND_VERSION = 1


class Message(BaseModel):
    """A frozen, strict message; unknown fields are refused so that versions cannot drift apart silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OutputName(StrEnum):
    """The files that a worker hands back."""

    KEYFRAME = "keyframe.png"
    CLIP = "clip.mp4"
    # A label map: uint8 grey PNG, 0 is background, 1..n the figures' visible pixels. For a clip the maps of the sampled
    # frames are stacked from top to bottom.
    FIGURES = "figures.png"


class CastFigure(Message):
    """A character to be placed: `cut_outs` are names of RGBA PNG inputs, the canonical one first."""

    character_id: str
    name: str
    cut_outs: list[str] = Field(min_length=1)
    placement: Literal["automatic", "left", "centre", "right"] = "automatic"
    is_speaking: bool = False


class SettingPlan(Message):
    """The place to be painted; words as in the glossary of storyboards."""

    name: str = ""
    scenery: Literal[
        "field",
        "forest",
        "mountains",
        "sea",
        "river",
        "desert",
        "garden",
        "road",
        "village",
        "city",
        "castle",
        "room",
        "hall",
        "cave",
    ] = "field"
    is_interior: bool = False
    time_of_day: Literal["dawn", "day", "dusk", "night"] = "day"
    weather: Literal["clear", "cloudy", "rain", "snow", "fog", "storm"] = "clear"
    mood: Literal["neutral", "joyful", "tense", "sad", "mysterious", "epic"] = "neutral"


class Caption(Message):
    """Words to be shown from `start` to `end` seconds of the clip; `speaker` is empty for narration."""

    text: str
    speaker: str = ""
    start: float = Field(ge=0)
    end: float = Field(gt=0)


class Slate(Message):
    """The clapper shown before a shot: production, shot number of how many, take; the clip's first `frames` are its."""

    title: str
    shot_number: int
    shots_total: int
    take_number: int
    frames: int = Field(ge=1)


class ShotPlan(Message):
    """One shot as the engine sees it."""

    action: str
    setting: SettingPlan
    cast: list[CastFigure] = Field(default_factory=list[CastFigure], max_length=6)
    size: Literal["extreme_wide", "wide", "full", "medium", "medium_close_up", "close_up", "extreme_close_up"] = (
        "medium"
    )
    move: Literal[
        "static",
        "pan_left",
        "pan_right",
        "tilt_up",
        "tilt_down",
        "push_in",
        "pull_out",
        "handheld",
        "parallax",
    ] = "static"
    transition: Literal["cut", "fade", "dissolve"] = "cut"
    language: str = "und"
    style: str = ""


class MakeKeyframe(Message):
    """Make the still that fixes the take's look; outputs `keyframe.png` and `figures.png`, both width x height px."""

    kind: Literal["make_keyframe"] = "make_keyframe"
    version: Literal[1] = 1
    engine: str
    seed: int = Field(ge=0, lt=2**63)
    width: int = Field(ge=64, le=4096, multiple_of=2)
    height: int = Field(ge=64, le=4096, multiple_of=2)
    shot: ShotPlan
    # Who the scene around the shot is painted for: shots of one place share it, so that the place stays itself.
    scene_seed: int = Field(ge=0, lt=2**63)


class AnimateShot(Message):
    """Move a verified keyframe; outputs `clip.mp4` (H.264, yuv420p, exactly `frames` frames) and `figures.png`.

    `keyframe` and `keyframe_figures` are names of inputs. Engines that draw from the plan may draw it again;
    engines that start from a picture start from the keyframe.
    """

    kind: Literal["animate_shot"] = "animate_shot"
    version: Literal[1] = 1
    engine: str
    seed: int = Field(ge=0, lt=2**63)
    width: int = Field(ge=64, le=4096, multiple_of=2)
    height: int = Field(ge=64, le=4096, multiple_of=2)
    shot: ShotPlan
    scene_seed: int = Field(ge=0, lt=2**63)
    frames_per_second: int = Field(ge=8, le=60)
    frames: int = Field(ge=1, le=3600)  # of the whole clip, its slate included
    captions: list[Caption] = Field(default_factory=list[Caption])
    are_captions_burnt_in: bool = True
    slate: Slate | None = None
    keyframe: str = "keyframe.png"
    keyframe_figures: str = "figures.png"
    samples: int = Field(default=5, ge=5, le=25)


Command = Annotated[MakeKeyframe | AnimateShot, Field(discriminator="kind")]


class KeyframeMade(Message):
    """What was made: how many figures the label map holds, and what the engine wants on record."""

    kind: Literal["keyframe_made"] = "keyframe_made"
    figures: int = Field(ge=0)
    engine_version: str
    notes: dict[str, str | int | float] = Field(default_factory=dict[str, str | int | float])


class ClipMade(Message):
    """What was made: `sampled_frames` are the frame numbers of the stacked label maps, in order."""

    kind: Literal["clip_made"] = "clip_made"
    frames: int = Field(ge=1)
    sampled_frames: list[int]
    engine_version: str
    notes: dict[str, str | int | float] = Field(default_factory=dict[str, str | int | float])


Result = Annotated[KeyframeMade | ClipMade, Field(discriminator="kind")]
