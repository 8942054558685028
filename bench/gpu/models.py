"""The model that is measured: what LAB_DIFFUSION_... names, or a tiny one that is built here."""

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline
from PIL import Image

from gpu_worker.pipelines.diffusion.engine import quieten
from gpu_worker.pipelines.diffusion.families import KEYFRAMES
from gpu_worker.pipelines.diffusion.models import find_weights
from gpu_worker.pipelines.diffusion.parts import ImagePrompt, Parts
from gpu_worker.pipelines.diffusion.settings import DiffusionSettings
from gpu_worker.pipelines.diffusion.unet_stills import UNetStills, load_image_prompt
from gpu_worker.tiny.image_prompt import build_image_prompt
from gpu_worker.tiny.stable_diffusion import build_stable_diffusion
from gpu_worker.training.adapter import LearnedAdapter
from gpu_worker.training.learners import load_learner
from gpu_worker.training.model import Base
from gpu_worker.training.unet_model import LOADERS

Pipeline = StableDiffusionPipeline | StableDiffusionXLPipeline
REFERENCE_SIDE = 256


def tiny_environment(folder: Path) -> Mapping[str, str]:
    """Build a tiny Stable Diffusion with its IP-Adapter and answer the settings that name them."""
    model = build_stable_diffusion(folder / "model")
    build_image_prompt(folder / "image_prompt", model)
    return {
        "LAB_DIFFUSION_KEYFRAME_FAMILY": "stable_diffusion",
        "LAB_DIFFUSION_KEYFRAME_WEIGHTS": str(model),
        "LAB_DIFFUSION_IMAGE_PROMPT_WEIGHTS": str(folder / "image_prompt"),
        "LAB_DIFFUSION_IMAGE_PROMPT_FILE": "ip-adapter.safetensors",
        "LAB_DIFFUSION_IMAGE_PROMPT_ENCODER": "image_encoder",
        "LAB_DIFFUSION_DEVICE": "cpu",
        "LAB_DIFFUSION_STEPS": "10",
        "LAB_DIFFUSION_CACHE_FOLDER": str(folder / "cache"),
    }


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA of random weights on disk."""

    path: Path
    sha256: str


class Studio:
    """Loads ours and diffusers' own, from the same weights, onto the same device."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.perf_counter) -> None:
        """Take the settings of the environment, with a tiny model where they name none."""
        quieten()
        self.clock = clock
        if not os.environ.get("LAB_DIFFUSION_KEYFRAME_WEIGHTS"):
            os.environ.update(tiny_environment(folder))
        self.settings = DiffusionSettings()
        self.device = self.settings.chosen_device()
        if self.device.name == "cpu":
            torch.set_num_threads(1)
        self.found = find_weights(self.settings)
        self._folder = folder

    @property
    def is_accelerated(self) -> bool:
        return self.device.name != "cpu"

    @property
    def base(self) -> Base:
        found = self.found["keyframe_weights"]
        return Base(found.path, found.digest, self.settings.keyframe_family, self.device)

    @property
    def image_prompt(self) -> ImagePrompt | None:
        found = self.found.get("image_prompt_weights")
        if found is None:
            return None
        return ImagePrompt(found.path, self.settings.image_prompt_file, self.settings.image_prompt_encoder)

    def ours(self, *, has_references: bool, adapters_resident_max: int = 6) -> UNetStills:
        """Answer the family as the worker loads it."""
        family = KEYFRAMES[self.settings.keyframe_family].load(
            Parts(
                folder=self.base.folder,
                device=self.device,
                image_prompt=self.image_prompt if has_references else None,
                adapters_resident_max=adapters_resident_max,
                adapter_rank_max=self.settings.adapter_rank_max,
            )
        )
        if not isinstance(family, UNetStills):
            raise TypeError(f"{family.name} is measured by nothing here.")
        return family

    def plain(self, *, has_references: bool = False) -> Pipeline:
        """Answer the pipeline as diffusers' documentation loads it, with the same scheduler as ours."""
        kind, options = LOADERS[self.settings.keyframe_family]
        pipeline = kind.from_pretrained(
            self.base.folder, local_files_only=True, use_safetensors=True, dtype=self.device.dtype, **options
        )
        pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
        if has_references and self.image_prompt is not None:
            load_image_prompt(pipeline, self.image_prompt)
        pipeline.to(self.device.name)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def adapters(self, *, count: int, rank: int = 8) -> list[Adapter]:
        """Write so many LoRAs."""
        made: list[Adapter] = []
        for number in range(count):
            path = self._folder / f"adapter-{number}.safetensors"
            LearnedAdapter(load_learner(self.base), rank=rank, seed=number).save(path, trigger=f"sks{number}")
            made.append(Adapter(path, hashlib.sha256(path.read_bytes()).hexdigest()))
        return made

    def settle(self) -> None:
        """Wait until the accelerator has done what it was told."""
        if self.is_accelerated:
            torch.cuda.synchronize(self.device.name)


def reference(number: int) -> Image.Image:
    """A picture that no other number has."""
    pixels = np.random.default_rng(number).integers(0, 255, (REFERENCE_SIDE, REFERENCE_SIDE, 3), np.uint8)
    return Image.fromarray(pixels)


def tensors(**named: Any) -> dict[str, Any]:
    """Arguments that diffusers types more narrowly than it takes them."""
    return named
