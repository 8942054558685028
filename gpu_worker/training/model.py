"""The model that learns: Stable Diffusion 1.5 or XL as training sees it, everything frozen but its adapter.

Latents are (pictures, channels, height / 8, width / 8). The loss is that of Ho et al. 2020 (arXiv 2006.11239) for
models that predict noise, of Salimans and Ho 2022 (arXiv 2202.00512) for those that predict velocity.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline
from PIL.Image import Image
from torch.nn import functional

from gpu_worker.pipelines.diffusion.family import Device

UNetPipeline = StableDiffusionPipeline | StableDiffusionXLPipeline
LOADERS: Mapping[str, tuple[type[UNetPipeline], Mapping[str, object]]] = {
    "stable_diffusion": (StableDiffusionPipeline, {"safety_checker": None, "requires_safety_checker": False}),
    "stable_diffusion_xl": (StableDiffusionXLPipeline, {"add_watermarker": False}),
}


@dataclass(frozen=True, slots=True)
class Base:
    """What is to be adapted: checked weights in a folder, their SHA-256, and the family's name."""

    folder: Path
    digest: str
    family: str
    device: Device


@dataclass(frozen=True, slots=True)
class Words:
    """A text as the U-Net reads it: (texts, tokens, width), and for XL (texts, pooled width)."""

    embeddings: torch.Tensor
    pooled: torch.Tensor | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """Pictures with their words, the noise put on them and how much of it (timesteps)."""

    latents: torch.Tensor
    words: Words
    noise: torch.Tensor
    times: torch.Tensor


class LearningModel:
    """Owns one loaded pipeline; one thread uses it."""

    def __init__(self, base: Base) -> None:
        """Load; raises ValueError for a family that cannot learn."""
        if base.family not in LOADERS:
            raise ValueError(f"The family {base.family} learns no characters; {', '.join(LOADERS)} do.")
        self.base = base
        self.device = torch.device(base.device.name)
        self.is_accelerated = self.device.type != "cpu"
        self.dtype = base.device.dtype if self.is_accelerated else torch.float32
        kind, options = LOADERS[base.family]
        self.pipeline: UNetPipeline = kind.from_pretrained(
            base.folder, local_files_only=True, use_safetensors=True, dtype=self.dtype, **options
        )
        self.pipeline.set_progress_bar_config(disable=True)
        self.pipeline.to(self.device)
        scheduler = DDIMScheduler.from_config(self.pipeline.scheduler.config)
        if not isinstance(scheduler, DDIMScheduler):
            raise TypeError(f"diffusers answers {type(scheduler).__name__} for a scheduler.")
        self.pipeline.scheduler = scheduler
        self._kept = scheduler.alphas_cumprod  # how much of the picture is left at each timestep
        self._predicts_velocity = scheduler.config["prediction_type"] == "v_prediction"
        self.unet = self.pipeline.unet
        for part in self.pipeline.components.values():
            if isinstance(part, torch.nn.Module):
                part.requires_grad_(requires_grad=False).eval()
        if self.is_accelerated:
            self.unet.enable_gradient_checkpointing()

    @property
    def side(self) -> int:
        """The pixels of a side that the model was made for."""
        return int(self.unet.config["sample_size"]) * int(self.pipeline.vae_scale_factor)

    @property
    def times_max(self) -> int:
        return len(self._kept)

    def half_precision(self) -> AbstractContextManager[object]:
        """Reckon in the model's own numbers on an accelerator; the adapter's weights stay in single precision."""
        if not self.is_accelerated or self.dtype is torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, self.dtype)

    @torch.no_grad()
    def read(self, text: str) -> Words:
        found = self.pipeline.encode_prompt(
            prompt=text, device=self.device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        pooled = found[2] if len(found) == 4 else None
        return Words(found[0].float().cpu(), None if pooled is None else pooled.float().cpu())

    @contextmanager
    def encoding(self) -> Generator[Callable[[Image], torch.Tensor]]:
        """Give what turns a picture into latents, on the CPU. XL's autoencoder overflows in half precision."""
        autoencoder, is_half = self.pipeline.vae, self.dtype is not torch.float32
        scale = float(autoencoder.config["scaling_factor"])

        @torch.no_grad()
        def encode(picture: Image) -> torch.Tensor:
            return autoencoder.encode(self._pixels(picture)).latent_dist.mean.cpu() * scale

        if is_half:
            autoencoder.to(dtype=torch.float32)
        try:
            yield encode
        finally:
            if is_half:
                autoencoder.to(dtype=self.dtype)

    def losses(self, lot: Lot) -> torch.Tensor:
        """Answer the mean squared error of each picture of the lot."""
        latents, noise, times = (each.to(self.device) for each in (lot.latents, lot.noise, lot.times))
        kept = self._kept[lot.times].to(self.device)[:, None, None, None]
        noisy = kept.sqrt() * latents + (1 - kept).sqrt() * noise
        wanted = kept.sqrt() * noise - (1 - kept).sqrt() * latents if self._predicts_velocity else noise
        with self.half_precision():
            guessed = self.unet(
                noisy,
                times,
                lot.words.embeddings.to(self.device),
                added_cond_kwargs=self._added(lot),
            ).sample
        return functional.mse_loss(guessed.float(), wanted, reduction="none").mean(dim=(1, 2, 3))

    def _added(self, lot: Lot) -> dict[str, torch.Tensor] | None:
        """XL reads the pooled text and (height, width, top, left, height, width) of what was cropped: nothing."""
        if lot.words.pooled is None:
            return None
        factor = int(self.pipeline.vae_scale_factor)
        height, width = lot.latents.shape[2] * factor, lot.latents.shape[3] * factor
        sizes = torch.tensor([[height, width, 0, 0, height, width]], dtype=torch.float32, device=self.device)
        return {"text_embeds": lot.words.pooled.to(self.device), "time_ids": sizes.repeat(len(lot.latents), 1)}

    def _pixels(self, picture: Image) -> torch.Tensor:
        pixels = torch.from_numpy(np.array(picture.convert("RGB"))).to(self.device)
        return pixels.permute(2, 0, 1).unsqueeze(0).float() / 127.5 - 1


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


def render(
    model: LearningModel, orders: Sequence[PictureOrder], easel: Easel, on_step: Callable[[], None]
) -> list[Image]:
    """Make the pictures, the same ones for the same orders; `on_step` is called after each step and may raise."""

    def after_step(_pipeline: object, _step: int, _time: object, kept: dict[str, torch.Tensor]) -> object:
        on_step()
        return kept

    made: list[Image] = []
    for start in range(0, len(orders), easel.batch):
        lot = orders[start : start + easel.batch]
        made += model.pipeline(
            prompt=[each.prompt for each in lot],
            height=easel.side,
            width=easel.side,
            num_inference_steps=easel.steps,
            guidance_scale=easel.guidance,
            # The CPU's numbers are the same on every machine.
            generator=[torch.Generator("cpu").manual_seed(each.seed) for each in lot],
            callback_on_step_end=after_step,  # pyright: ignore[reportArgumentType] - diffusers declares two of four
        ).images  # pyright: ignore[reportAttributeAccessIssue] - a tuple only where that is asked for
    return made
