"""What a family of models is: what it can do, as data, and one call that makes pictures or frames."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from diffusers import DiffusionPipeline
from numpy.typing import NDArray
from PIL.Image import Image

Frames = NDArray[np.uint8]  # (frames, height, width, 3), RGB
# (step counted from 0, latents after it or None where the family does not show them); raises to stop.
OnStep = Callable[[int, torch.Tensor | None], None]


class AdapterSupport(StrEnum):
    """How a family takes a character's LoRA."""

    NONE = "none"
    ONE = "one"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How much work a picture is given; the same for all orders of a batch."""

    steps: int
    guidance: float


@dataclass(frozen=True, slots=True)
class FamilyCapabilities:
    """What a family can do; `pixels_...` are width times height, of which `pixels_native` is what it was trained on.

    `frames_step` 4 means 4 n + 1 frames, 1 any number. `references_max` is of one character, 0 where none is looked at;
    `pictures_max` of the whole cast, 0 where it has no limit. With `has_first_frame` the frames begin in the keyframe,
    with `has_last_frame` they may end in a picture. `recipe` is what is needed where nobody says otherwise.
    """

    pixels_min: int
    pixels_native: int
    pixels_max: int
    size_multiple: int
    frames_min: int = 1
    frames_max: int = 1
    frames_step: int = 1
    frames_per_second: int = 8
    references_max: int = 0
    pictures_max: int = 0
    cast_max: int = 6
    adapters: AdapterSupport = AdapterSupport.NONE
    has_regions: bool = False
    has_first_frame: bool = False
    has_last_frame: bool = False
    has_previews: bool = True
    can_halt: bool = True
    batch_max: int = 1
    recipe: Recipe = Recipe(steps=30, guidance=6.5)


@dataclass(frozen=True, slots=True)
class LoadedAdapter:
    """A character's LoRA on disk, and how strongly it is to speak."""

    path: Path
    sha256: str
    scale: float


@dataclass(frozen=True, slots=True)
class CastInPicture:
    """One character of a picture: reference pictures on white, the region it belongs in, its adapter if it has one.

    `region` is (left, top, right, bottom) as shares of the frame; `reference_scale` is 0 to 1; `called` are the English
    words that call it in the prompt.
    """

    name: str
    references: tuple[Image, ...]
    region: tuple[float, float, float, float]
    reference_scale: float
    adapter: LoadedAdapter | None = None
    called: str = "a character"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told, in English."""

    text: str
    negative: str = ""


@dataclass(frozen=True, slots=True)
class KeyframeOrder:
    """One picture to be made, in a size that the family has."""

    prompt: Prompt
    width: int
    height: int
    seed: int
    cast: tuple[CastInPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class MotionOrder:
    """Frames to be made from a verified keyframe, in a size and number that the family has.

    The anchors are the keyframe and the canonical references, never a frame of another shot. With `last` the frames end
    in that picture.
    """

    prompt: Prompt
    keyframe: Image
    frames: int
    width: int
    height: int
    seed: int
    last: Image | None = None
    cast: tuple[CastInPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """Where models live and in which numbers they reckon."""

    name: str = "cpu"
    dtype: torch.dtype = field(default=torch.float32)


class KeyframeFamily(Protocol):
    """Makes stills. One object owns one loaded pipeline; it is used by one thread."""

    @property
    def name(self) -> str: ...

    @property
    def pipeline(self) -> DiffusionPipeline:
        """What is loaded; `memory.py` makes it frugal."""
        ...

    @property
    def capabilities(self) -> FamilyCapabilities: ...

    @property
    def size_bytes(self) -> int:
        """What the loaded model holds in memory."""
        ...

    def shown(self, cast: Sequence[CastInPicture]) -> Sequence[int]:
        """How many references of each of the cast are looked at."""
        ...

    def misfit(self, adapter: LoadedAdapter) -> str:
        """Say why the model cannot hear this adapter, nothing where it can; raises ValueError for a broken one."""
        ...

    def make(self, orders: Sequence[KeyframeOrder], recipe: Recipe, on_step: OnStep) -> list[Image]:
        """Make all orders as one batch of at most `batch_max`, of one size; the same pictures as one by one, nearly."""
        ...


class MotionFamily(Protocol):
    """Makes moving pictures from a still. One object owns one loaded pipeline; it is used by one thread."""

    @property
    def name(self) -> str: ...

    @property
    def pipeline(self) -> DiffusionPipeline: ...

    @property
    def capabilities(self) -> FamilyCapabilities: ...

    @property
    def size_bytes(self) -> int: ...

    def misfit(self, adapter: LoadedAdapter) -> str:
        """As a keyframe family's."""
        ...

    def animate(self, order: MotionOrder, recipe: Recipe, on_step: OnStep) -> Frames: ...
