"""Families of models: what the workers of an engine have been given, and what each can do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log
from typing import Protocol

from domain.renders.settings import FrameSize


class ModelMakes(StrEnum):
    """For which step of a shot a model is."""

    KEYFRAME = "keyframe"
    CLIP = "clip"


class AdapterSupport(StrEnum):
    """How many characters' adapters a model takes at once."""

    NONE = "none"
    ONE = "one"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """How many frames are made at once, from `minimum` to `maximum`: any number, or `step` n + 1 for another step.

    They are made for `per_second` frames a second.
    """

    minimum: int
    maximum: int
    step: int
    per_second: int


@dataclass(frozen=True, slots=True)
class ModelFamily:
    """A family of models with what one that is served can do; see `contracts.protocol.ServedModel` for each."""

    engine: str
    name: str
    makes: ModelMakes
    sizes: tuple[FrameSize, ...]
    frames: FrameCounts | None
    references_max: int
    pictures_max: int | None
    cast_max: int
    adapters: AdapterSupport
    has_regions: bool
    has_first_frame: bool
    has_last_frame: bool
    shows_previews: bool
    stops_at_a_step: bool


def scaled_from(families: Iterable[ModelFamily], frame: FrameSize) -> Sequence[FrameSize]:
    """The sizes, smallest first, that clips are made in and then brought to this frame; none if it is made as it is."""
    moving = [each for each in families if each.makes is ModelMakes.CLIP and each.sizes]
    made = {min(each.sizes, key=lambda size: _unlikeness(size, frame)) for each in moving}
    return sorted(made - {frame}, key=lambda size: size.width * size.height)


def _unlikeness(size: FrameSize, frame: FrameSize) -> float:
    """How far the shapes are apart."""
    return abs(log(size.width * frame.height / (size.height * frame.width)))


class ModelFamilies(Protocol):
    """What the workers that are up have been given, of all workspaces: it is the same machines that work."""

    async def served(self, engines: Sequence[str]) -> Mapping[str, Sequence[ModelFamily]]:
        """The families of each engine, those of keyframes first, each once unless it differs; in one statement."""
        ...
