"""Commands to a worker and what it answers: a keyframe, a clip, a character's adapter, vectors of figures.

Pixels and weights go through presigned URLs; a command names its inputs by name, and `contracts.protocol.Claimed` says
where each lies. A field that is new is left out where it has nothing to say, since an older version refuses it.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

COMMAND_VERSION = 2


class Message(BaseModel):
    """A frozen, strict message; unknown fields are refused so that versions cannot drift apart silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def is_none(value: object) -> bool:
    """Leave the field out: a version that does not know it would refuse it."""
    return value is None


class OutputName(StrEnum):
    """The files that a worker hands back."""

    KEYFRAME = "keyframe.png"
    CLIP = "clip.mp4"
    # A label map: uint8 grey PNG, 0 is background, 1..n the figures' visible pixels. For a clip the maps of the sampled
    # frames are stacked from top to bottom.
    FIGURES = "figures.png"
    # A LoRA in the format of diffusers.
    ADAPTER = "adapter.safetensors"
    # Loss and identity over the steps of a training, for people; the numbers are in the result.
    CURVES = "curves.png"
    # The suite's pictures, one row a prompt: by the new adapter, by the present one if there is one, by the base.
    SAMPLES = "samples.png"


class Adapter(Message):
    """A character's LoRA: `weights` names a safetensors input, `trigger` is the word that calls the character."""

    weights: str
    trigger: str
    scale: float = Field(default=1.0, ge=0, le=2)


class CastFigure(Message):
    """A character to be placed: `cut_outs` are names of RGBA PNG inputs, the canonical one first.

    `appearance` says in English what the character looks like, for engines that read words. `reference_scale` is how
    strongly the pictures are heeded, 0 to 1; absent leaves it to the engine.
    """

    character_id: str
    name: str
    cut_outs: list[str] = Field(min_length=1)
    placement: Literal["automatic", "left", "centre", "right"] = "automatic"
    is_speaking: bool = False
    appearance: str | None = Field(default=None, exclude_if=is_none)
    adapter: Adapter | None = Field(default=None, exclude_if=is_none)
    reference_scale: float | None = Field(default=None, ge=0, le=1, exclude_if=is_none)


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
    """One shot as the engine sees it; `prompt` says the action in English, for engines that read words."""

    action: str
    prompt: str | None = Field(default=None, exclude_if=is_none)
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
    version: Literal[1, 2] = 1
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
    version: Literal[1, 2] = 1
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


class TrainingPicture(Message):
    """One reference to learn from: `cut_out` names an RGBA PNG input, `caption` says in English what else it shows."""

    cut_out: str
    caption: str = ""


class SuitePrompt(Message):
    """One picture of the fixed suite; `is_about_character` is false where the adapter must change nothing."""

    prompt: str
    seed: int = Field(ge=0, lt=2**63)
    is_about_character: bool = True


class TrainAdapter(Message):
    """Learn a LoRA of one character; outputs `adapter.safetensors`, `curves.png` and `samples.png`.

    `held_out` are the pictures by which identity is scored while training; they teach nothing. `class_words` is what
    the character is an example of ("rabbit", "person"), for prior preservation. `present` is the version in use, whose
    suite is scored beside. An input named `checkpoint` goes on from there; see `Claimed`.
    """

    kind: Literal["train_adapter"] = "train_adapter"
    version: Literal[2] = 2
    engine: str
    seed: int = Field(ge=0, lt=2**63)
    trigger: str
    class_words: str
    pictures: list[TrainingPicture] = Field(min_length=1, max_length=50)
    held_out: list[TrainingPicture] = Field(default_factory=list[TrainingPicture])
    is_symmetric: bool = False  # only then are pictures mirrored
    steps_max: int = Field(ge=1, le=20_000)
    rank: int = Field(ge=1, le=128)
    learning_rate: float = Field(gt=0, le=1)
    checkpoint_steps: int = Field(ge=1)
    suite: list[SuitePrompt] = Field(min_length=1, max_length=32)
    present: Adapter | None = Field(default=None, exclude_if=is_none)


class PictureToEmbed(Message):
    """A picture whose figures are wanted as vectors.

    `labels` names its label map, or several stacked from top to bottom for the frames of a clip, which `frames` lists;
    without it the picture is one figure, cut out by its own alpha.
    """

    picture: str
    labels: str | None = Field(default=None, exclude_if=is_none)
    frames: list[int] | None = Field(default=None, exclude_if=is_none)


class EmbedFigures(Message):
    """Turn figures into vectors of one embedding space; no outputs. `engine` is the space's key, `name@version`."""

    kind: Literal["embed_figures"] = "embed_figures"
    version: Literal[2] = 2
    engine: str
    pictures: list[PictureToEmbed] = Field(min_length=1, max_length=64)


Shooting = MakeKeyframe | AnimateShot
Command = Annotated[Shooting | TrainAdapter | EmbedFigures, Field(discriminator="kind")]


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


class CurvePoint(Message):
    """One moment of a training: the loss over fixed noise, and the identity score on held-out pictures if measured."""

    step: int = Field(ge=0)
    loss: float
    identity: float | None = None


class SuiteScores(Message):
    """What the fixed suite shows, each 0 to 1, higher is better.

    `identity`: the mean score of its pictures of the character against the held-out references. `prompt`: how well they
    show what the prompts ask for. `purity`: how little pictures that are not about the character have changed.
    """

    identity: float
    prompt: float
    purity: float


class AdapterTrained(Message):
    """What was learned; `steps` is how far training went, `base` the digest of the model that it belongs to."""

    kind: Literal["adapter_trained"] = "adapter_trained"
    steps: int = Field(ge=1)
    is_stopped_early: bool
    curve: list[CurvePoint]
    scores: SuiteScores
    present_scores: SuiteScores | None = None
    base: str
    engine_version: str
    notes: dict[str, str | int | float] = Field(default_factory=dict[str, str | int | float])


class FigureVector(Message):
    """One figure: `number` in its label map, `frame` of its clip (0 for a picture), longer side in pixels, and vector.

    The vector is of length 1: float32, little-endian, base64.
    """

    picture: str
    frame: int = 0
    number: int = 1
    side: int = Field(ge=0)
    vector: str


class FiguresEmbedded(Message):
    """The figures of all pictures, in order."""

    kind: Literal["figures_embedded"] = "figures_embedded"
    figures: list[FigureVector]
    engine_version: str


Result = Annotated[KeyframeMade | ClipMade | AdapterTrained | FiguresEmbedded, Field(discriminator="kind")]
