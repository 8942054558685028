"""What families that move pictures have in common: one loaded pipeline, told of every step, asked for RGB frames."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import numpy as np
import torch
from diffusers import DiffusionPipeline
from PIL.Image import Image, Resampling

from gpu_worker.pipelines.diffusion.family import FamilyCapabilities, Frames, LoadedAdapter, MotionOrder, OnStep
from gpu_worker.pipelines.diffusion.memory import bytes_of

Kept = Mapping[str, torch.Tensor]
AfterStep = Callable[[object, int, object, dict[str, torch.Tensor]], Kept]
Pipeline = TypeVar("Pipeline", bound=DiffusionPipeline)


class MovingPipeline(Generic[Pipeline]):
    """A loaded pipeline and what it can do."""

    def __init__(self, name: str, pipeline: Pipeline, capabilities: FamilyCapabilities) -> None:
        self.name = name
        self.pipeline = pipeline
        self.capabilities = capabilities
        pipeline.set_progress_bar_config(disable=True)

    @property
    def size_bytes(self) -> int:
        return bytes_of(self.pipeline)

    def misfit(self, adapter: LoadedAdapter) -> str:  # noqa: ARG002 - what a family is asked
        """None is heard: adapters belong to the keyframes' model."""
        return f"{self.name} takes no adapters."


def telling(on_step: OnStep, shown: Callable[[torch.Tensor], torch.Tensor] | None = None) -> AfterStep:
    """The callback that diffusers wants; `shown` brings latents to (batch, channels, frames, height, width).

    What `on_step` raises flies through the pipeline and ends it.
    """

    def after_step(_pipeline: object, step: int, _time: object, kept: dict[str, torch.Tensor]) -> Kept:
        latents = kept["latents"]
        on_step(step, shown(latents) if shown else latents)
        return kept

    return after_step


def chance(order: MotionOrder) -> torch.Generator:
    """The CPU's numbers are the same on every machine."""
    return torch.Generator("cpu").manual_seed(order.seed)


def sized(picture: Image, order: MotionOrder) -> Image:
    """The picture in the order's size; stretched, since the frames are stretched back and so keep their shapes."""
    return picture.convert("RGB").resize((order.width, order.height), Resampling.LANCZOS)


def frames_of(made: object) -> Frames:
    """From what a pipeline answers, clips of (frames, height, width, 3) in 0..1, to the first one's bytes.

    Raises ValueError unless all are numbers.
    """
    values = np.asarray(made.frames[0], np.float32)  # pyright: ignore[reportAttributeAccessIssue] - a tuple only where that is asked for
    if not np.isfinite(values).all():
        raise ValueError("The model made frames that are no numbers; half precision may not suffice for it.")
    return np.round(values.clip(0, 1) * 255).astype(np.uint8)
