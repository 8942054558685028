"""FLUX.2 klein as a learner: a transformer that predicts the way from picture to noise.

The loss is that of rectified flow (Liu et al. 2022, arXiv 2209.03003), as in diffusers' example for FLUX.2. Latents
are as the transformer sees them: four neighbours of the autoencoder's are the channels of one, by its statistics.
"""

from dataclasses import replace

import torch
from diffusers import Flux2KleinPipeline
from torch.nn import functional

from gpu_worker.pipelines.diffusion import flux2_klein
from gpu_worker.pipelines.diffusion.family import Recipe
from gpu_worker.training.model import Base, LearningModel, Lot, Words, dtype_of

TIMES = 1000
GUIDED = replace(flux2_klein.GUIDED, steps=20)  # hundreds of pictures are made while learning


class Flux2KleinModel(LearningModel):
    """See `LearningModel`."""

    denoiser_name = "transformer"
    # Attention of both kinds of blocks; the single ones have theirs in one layer with what follows it.
    adapted = (
        r"transformer_blocks\.\d+\.attn\.(to_[qkv]|to_out\.0|add_[qkv]_proj|to_add_out)"
        r"|single_transformer_blocks\.\d+\.attn\.(to_qkv_mlp_proj|to_out)"
    )

    def __init__(self, base: Base) -> None:
        """Load."""
        pipeline = Flux2KleinPipeline.from_pretrained(
            base.folder, local_files_only=True, use_safetensors=True, dtype=dtype_of(base)
        )
        super().__init__(base, pipeline)

    @property
    def recipe(self) -> Recipe:
        return flux2_klein.DISTILLED if self.pipeline.config["is_distilled"] else GUIDED

    @property
    def times_max(self) -> int:
        return TIMES

    @property
    def side(self) -> int:
        return int(self.pipeline.vae.config["sample_size"])

    @torch.no_grad()
    def read(self, text: str) -> Words:
        # In the encoder's own numbers: a caption is 512 tokens of 7,680.
        return Words(self.pipeline.encode_prompt(text, device=self.device)[0].cpu())

    def latents_of(self, pixels: torch.Tensor) -> torch.Tensor:
        autoencoder = self.pipeline.vae
        tokens = functional.pixel_unshuffle(autoencoder.encode(pixels).latent_dist.mode(), 2)
        mean, variance = (each.view(1, -1, 1, 1) for each in (autoencoder.bn.running_mean, autoencoder.bn.running_var))
        return (tokens - mean) / torch.sqrt(variance + autoencoder.config["batch_norm_eps"])

    def losses(self, lot: Lot) -> torch.Tensor:
        latents, noise = lot.latents.to(self.device), lot.noise.to(self.device)
        shares = ((lot.times + 0.5) / TIMES).to(self.device)  # of noise
        spread = shares[:, None, None, None]
        words, word_places = self.pipeline.encode_prompt(
            None, device=self.device, prompt_embeds=lot.words.embeddings.to(self.device)
        )
        with self.half_precision():
            guessed = self.denoiser(
                hidden_states=as_tokens((1 - spread) * latents + spread * noise),
                timestep=shares,
                guidance=None,
                encoder_hidden_states=words,
                txt_ids=word_places,
                img_ids=places_of(latents),
                return_dict=False,
            )[0]
        return functional.mse_loss(guessed.float(), as_tokens(noise - latents), reduction="none").mean(dim=(1, 2))


def as_tokens(latents: torch.Tensor) -> torch.Tensor:
    """From (pictures, channels, height, width) to (pictures, height * width, channels)."""
    return latents.flatten(2).transpose(1, 2)


def places_of(latents: torch.Tensor) -> torch.Tensor:
    """Where each token lies, (pictures, tokens, 4): its picture, row and column, and no place in a text."""
    pictures, _, height, width = latents.shape
    nowhere = torch.zeros(1, dtype=torch.long)
    places = torch.cartesian_prod(nowhere, torch.arange(height), torch.arange(width), nowhere)
    return places.to(latents.device).expand(pictures, -1, -1)
