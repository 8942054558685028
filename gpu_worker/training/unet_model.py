"""Stable Diffusion 1.5 and XL as learners.

The loss is that of Ho et al. 2020 (arXiv 2006.11239) for models that predict noise, of Salimans and Ho 2022 (arXiv
2202.00512) for those that predict velocity.
"""

from collections.abc import Mapping

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline
from diffusers.utils.state_dict_utils import convert_state_dict_to_diffusers
from torch.nn import functional

from gpu_worker.pipelines.diffusion.family import Recipe
from gpu_worker.training.model import Base, LearningModel, Lot, Tensors, Words, dtype_of

UNetPipeline = StableDiffusionPipeline | StableDiffusionXLPipeline
LOADERS: Mapping[str, tuple[type[UNetPipeline], Mapping[str, object]]] = {
    "stable_diffusion": (StableDiffusionPipeline, {"safety_checker": None, "requires_safety_checker": False}),
    "stable_diffusion_xl": (StableDiffusionXLPipeline, {"add_watermarker": False}),
}
RECIPE = Recipe(steps=20, guidance=6.5)
ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")


class UNetModel(LearningModel):
    """See `LearningModel`."""

    denoiser_name = "unet"
    adapted = ATTENTION

    def __init__(self, base: Base) -> None:
        """Load."""
        kind, options = LOADERS[base.family]
        pipeline: UNetPipeline = kind.from_pretrained(
            base.folder, local_files_only=True, use_safetensors=True, dtype=dtype_of(base), **options
        )
        scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
        if not isinstance(scheduler, DDIMScheduler):
            raise TypeError(f"diffusers answers {type(scheduler).__name__} for a scheduler.")
        pipeline.scheduler = scheduler
        self._kept = scheduler.alphas_cumprod  # how much of the picture is left at each timestep
        self._predicts_velocity = scheduler.config["prediction_type"] == "v_prediction"
        super().__init__(base, pipeline)

    @property
    def recipe(self) -> Recipe:
        return RECIPE

    @property
    def side(self) -> int:
        return int(self.denoiser.config["sample_size"]) * int(self.pipeline.vae_scale_factor)

    @property
    def times_max(self) -> int:
        return len(self._kept)

    @torch.no_grad()
    def read(self, text: str) -> Words:
        found = self.pipeline.encode_prompt(
            prompt=text, device=self.device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        pooled = found[2] if len(found) == 4 else None
        return Words(found[0].float().cpu(), None if pooled is None else pooled.float().cpu())

    def latents_of(self, pixels: torch.Tensor) -> torch.Tensor:
        autoencoder = self.pipeline.vae
        return autoencoder.encode(pixels).latent_dist.mean * float(autoencoder.config["scaling_factor"])

    def published(self, tensors: Tensors) -> Tensors:
        return convert_state_dict_to_diffusers(dict(tensors))

    def losses(self, lot: Lot) -> torch.Tensor:
        latents, noise, times = (each.to(self.device) for each in (lot.latents, lot.noise, lot.times))
        kept = self._kept[lot.times].to(self.device)[:, None, None, None]
        noisy = kept.sqrt() * latents + (1 - kept).sqrt() * noise
        wanted = kept.sqrt() * noise - (1 - kept).sqrt() * latents if self._predicts_velocity else noise
        with self.half_precision():
            guessed = self.denoiser(
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
