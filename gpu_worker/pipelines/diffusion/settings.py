"""What an operator may set of the engine `diffusion`: `LAB_DIFFUSION_...` in the environment of the worker."""

from pathlib import Path
from typing import Literal

import torch
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from gpu_worker.devices import device_named
from gpu_worker.pipelines.diffusion.family import Device, Recipe
from gpu_worker.weights.source import WeightsSource

GIGABYTE = 1_000_000_000
PREFIX = "LAB_DIFFUSION_"
# Where the IP-Adapter and its image encoder lie that were made for a family, in the repository that most use.
IMAGE_PROMPTS = {"stable_diffusion_xl": ("sdxl_models/ip-adapter_sdxl.safetensors", "sdxl_models/image_encoder")}
USUAL_IMAGE_PROMPT = ("models/ip-adapter_sd15.safetensors", "models/image_encoder")
OVERFLOWING = frozenset({"flux2_klein", "ltx", "wan"})
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


class DiffusionSettings(BaseSettings):
    """Frozen. Weights are written as `gpu_worker.weights.source` reads them; an empty name is "none".

    `image_prompt_weights` is an IP-Adapter's folder: `image_prompt_file` and `image_prompt_encoder` lie in it, where
    they are published for the keyframes' family unless they are set.
    `motion_adapter_weights` is what AnimateDiff adds to the keyframes' model. Without `detector_weights` figures are
    taken to stand where they were ordered; with `segmenter_weights` too they have outlines. Steps and guidance are the
    family's own unless set.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    keyframe_family: str = "stable_diffusion"
    keyframe_weights: str = ""
    image_prompt_weights: str = ""
    image_prompt_file: str = Field(default_factory=lambda told: image_prompt_of(told["keyframe_family"])[0])
    image_prompt_encoder: str = Field(default_factory=lambda told: image_prompt_of(told["keyframe_family"])[1])
    motion_family: str = ""
    motion_weights: str = ""
    motion_adapter_weights: str = ""
    detector_weights: str = ""
    segmenter_weights: str = ""
    detector_threshold: float = Field(default=0.35, ge=0, le=1)  # how sure a figure must be
    device: str = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    steps: int | None = Field(default=None, ge=1, le=200)
    guidance: float | None = Field(default=None, ge=1, le=30)
    motion_steps: int | None = Field(default=None, ge=1, le=200)
    motion_guidance: float | None = Field(default=None, ge=1, le=30)
    motion_pixels: int = Field(default=0, ge=0)  # width times height that motion is made in; 0 is the family's own
    # How strongly pictures of the cast are heeded where a command does not say.
    reference_scale: float = Field(default=0.6, ge=0, le=1)
    negative: str = "blurry, low quality, deformed, extra limbs, text, watermark"
    preview_steps: int = Field(default=5, ge=0)  # a preview every so many steps; 0 shows none
    preview_side: int = Field(default=160, ge=16, le=160)
    adapters_resident_max: int = Field(default=6, ge=1, le=64)
    adapter_rank_max: int = Field(default=32, ge=1, le=128)
    model_bytes_max: int = Field(default=24 * GIGABYTE, ge=1)
    disk_bytes_max: int = Field(default=200 * GIGABYTE, ge=1)
    cache_folder: Path = Field(default_factory=lambda: Path.home() / ".cache" / "character-lab-worker" / "models")

    def source(self, name: str) -> WeightsSource | None:
        """Answer where the weights of that setting come from, None if it is empty."""
        written: str = getattr(self, name)
        # Those who publish IP-Adapters keep many of them, for several models, in one repository.
        parts = (self.image_prompt_file, self.image_prompt_encoder) if name == "image_prompt_weights" else ()
        return WeightsSource.of(variable(name), written, parts=parts) if written else None

    def recipe(self, usual: Recipe) -> Recipe:
        """How keyframes are made by a family with this recipe of its own."""
        return Recipe(self.steps or usual.steps, self.guidance or usual.guidance)

    def motion_recipe(self, usual: Recipe) -> Recipe:
        """How clips are made by a family with this recipe of its own."""
        return Recipe(self.motion_steps or usual.steps, self.motion_guidance or usual.guidance)

    def device_of(self, family: str) -> Device:
        """What was set, or the first accelerator and half precision, or a CPU and single precision.

        Half precision is bfloat16 where the family overflows in float16.
        """
        name = device_named(self.device)
        if self.dtype != "auto":
            return Device(name, DTYPES[self.dtype])
        half = torch.bfloat16 if family in OVERFLOWING else torch.float16
        return Device(name, torch.float32 if name == "cpu" else half)

    def chosen_device(self) -> Device:
        """That of the keyframes' family."""
        return self.device_of(self.keyframe_family)


def image_prompt_of(family: str) -> tuple[str, str]:
    """The usual file and encoder of an IP-Adapter for that family, within its folder."""
    return IMAGE_PROMPTS.get(family, USUAL_IMAGE_PROMPT)


def variable(name: str) -> str:
    """The environment variable behind a setting's name."""
    return PREFIX + name.upper()
