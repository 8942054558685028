"""A tiny FLUX.2 klein: language model, transformer of double and single streams, autoencoder."""

# diffusers declares its parameters by their defaults: a tuple of one is given four.
# pyright: reportArgumentType=false

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLFlux2,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
)

from gpu_worker.tiny.qwen3 import WIDTH, qwen3_model, qwen3_tokenizer

LATENT_CHANNELS = 4
LAYERS_READ = 3


def build_flux2_klein(folder: Path, *, seed: int = 0, is_distilled: bool = True) -> Path:
    """Save the pipeline into `folder` as safetensors and answer it."""
    tokenizer = qwen3_tokenizer()
    text_encoder = qwen3_model(tokenizer, seed=seed)
    torch.manual_seed(seed)
    pipeline = Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=_autoencoder(),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        transformer=Flux2Transformer2DModel(
            in_channels=4 * LATENT_CHANNELS,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=LAYERS_READ * WIDTH,
            timestep_guidance_channels=32,
            axes_dims_rope=(4, 4, 4, 4),
            guidance_embeds=False,
        ),
        is_distilled=is_distilled,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def _autoencoder() -> AutoencoderKLFlux2:
    """Eight pixels a latent and two latents a token, as the real one; its statistics are not the neutral ones."""
    autoencoder = AutoencoderKLFlux2(
        block_out_channels=(8, 16, 16, 16),
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=4,
        sample_size=128,
    )
    statistics = dict(autoencoder.bn.named_buffers())
    statistics["running_mean"].uniform_(-0.1, 0.1)
    statistics["running_var"].uniform_(0.5, 1.5)
    return autoencoder
