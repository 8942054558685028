"""A model that learns, as training sees it: everything frozen but its adapter.

Latents are (pictures, channels, height, width), whatever the family makes of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from diffusers import DiffusionPipeline
from PIL.Image import Image

from gpu_worker.pipelines.diffusion.family import Device, Recipe

Tensors = Mapping[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Base:
    """What is to be adapted: checked weights in a folder, their SHA-256, and the family's name."""

    folder: Path
    digest: str
    family: str
    device: Device


@dataclass(frozen=True, slots=True)
class Words:
    """A text as the denoiser reads it: (texts, tokens, width), and for XL (texts, pooled width)."""

    embeddings: torch.Tensor
    pooled: torch.Tensor | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """Pictures with their words, the noise put on them and how much of it (timesteps)."""

    latents: torch.Tensor
    words: Words
    noise: torch.Tensor
    times: torch.Tensor


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """One picture to be made by the model as it is."""

    prompt: str
    seed: int


@dataclass(frozen=True, slots=True)
class Easel:
    """How pictures are made while learning: side in pixels, denoising steps, guidance, pictures at once."""

    side: int
    steps: int
    guidance: float
    batch: int

    def steps_for(self, pictures: int) -> int:
        """How many denoising steps so many pictures take."""
        return -(-pictures // self.batch) * self.steps


class LearningModel(ABC):
    """Owns one loaded pipeline; one thread uses it."""

    # The pipeline's part that learns, as its tensors in adapters' files are called, and which layers of it are adapted:
    # the ends of their names, or a pattern of whole ones.
    denoiser_name: ClassVar[str]
    adapted: ClassVar[Sequence[str] | str]

    def __init__(self, base: Base, pipeline: DiffusionPipeline) -> None:
        """Freeze what was loaded."""
        self.base = base
        self.dtype = dtype_of(base)
        self.device = torch.device(base.device.name)
        self.is_accelerated = self.device.type != "cpu"
        self.pipeline = pipeline
        pipeline.set_progress_bar_config(disable=True)
        pipeline.to(self.device)
        self.denoiser = getattr(pipeline, self.denoiser_name)
        for part in pipeline.components.values():
            if isinstance(part, torch.nn.Module):
                part.requires_grad_(requires_grad=False).eval()
        if self.is_accelerated:
            self.denoiser.enable_gradient_checkpointing()

    @property
    @abstractmethod
    def side(self) -> int:
        """The pixels of a side that the model was made for."""

    @property
    @abstractmethod
    def times_max(self) -> int:
        """How many timesteps there are."""

    @property
    @abstractmethod
    def recipe(self) -> Recipe:
        """With how many steps and how much guidance its pictures are made while learning, unless that is set."""

    @abstractmethod
    def read(self, text: str) -> Words:
        """Answer what the denoiser reads, on the CPU."""

    @abstractmethod
    def latents_of(self, pixels: torch.Tensor) -> torch.Tensor:
        """From pixels (1, 3, side, side) in -1..1 to latents."""

    @abstractmethod
    def losses(self, lot: Lot) -> torch.Tensor:
        """Answer the mean squared error of each picture of the lot."""

    def published(self, tensors: Tensors) -> Tensors:
        """Call an adapter's tensors as diffusers' own scripts for the family do when they save it."""
        return tensors

    def half_precision(self) -> AbstractContextManager[object]:
        """Reckon in the model's own numbers on an accelerator; the adapter's weights stay in single precision."""
        if not self.is_accelerated or self.dtype is torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, self.dtype)

    @contextmanager
    def encoding(self) -> Generator[Callable[[Image], torch.Tensor]]:
        """Give what turns a picture into latents, on the CPU. XL's autoencoder overflows in half precision."""
        autoencoder, is_half = self.pipeline.vae, self.dtype is not torch.float32

        @torch.no_grad()
        def encode(picture: Image) -> torch.Tensor:
            return self.latents_of(self._pixels(picture)).cpu()

        if is_half:
            autoencoder.to(dtype=torch.float32)
        try:
            yield encode
        finally:
            if is_half:
                autoencoder.to(dtype=self.dtype)

    def _pixels(self, picture: Image) -> torch.Tensor:
        pixels = torch.from_numpy(np.array(picture.convert("RGB"))).to(self.device)
        return pixels.permute(2, 0, 1).unsqueeze(0).float() / 127.5 - 1


def dtype_of(base: Base) -> torch.dtype:
    """The model's own numbers on an accelerator; a CPU reckons in single precision."""
    return torch.float32 if base.device.name == "cpu" else base.device.dtype


def render(
    model: LearningModel, orders: Sequence[PictureOrder], easel: Easel, on_step: Callable[[], None]
) -> list[Image]:
    """Make the pictures, the same ones for the same orders; `on_step` is called after each step and may raise."""

    def after_step(_pipeline: object, _step: int, _time: object, kept: dict[str, torch.Tensor]) -> object:
        on_step()
        return kept

    draw: Callable[..., Any] = model.pipeline  # pyright: ignore[reportAssignmentType] - each kind of pipeline is called
    made: list[Image] = []
    for start in range(0, len(orders), easel.batch):
        lot = orders[start : start + easel.batch]
        made += draw(
            prompt=[each.prompt for each in lot],
            height=easel.side,
            width=easel.side,
            num_inference_steps=easel.steps,
            guidance_scale=easel.guidance,
            # The CPU's numbers are the same on every machine.
            generator=[torch.Generator("cpu").manual_seed(each.seed) for each in lot],
            callback_on_step_end=after_step,
        ).images
    return made
