"""A tiny LTX-Video that takes pictures at any frame, as 0.9.5 and later."""

# diffusers declares its parameters by their defaults: a tuple of one is given four.
# pyright: reportArgumentType=false

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLLTXVideo,
    FlowMatchEulerDiscreteScheduler,
    LTXConditionPipeline,
    LTXVideoTransformer3DModel,
)

from gpu_worker.tiny.t5 import WIDTH, t5_encoder, t5_tokenizer

CHANNELS = 8


def build_ltx(folder: Path, *, seed: int = 0) -> Path:
    """Save the pipeline into `folder` as safetensors and answer it."""
    tokenizer = t5_tokenizer()
    text_encoder = t5_encoder(tokenizer, seed=seed)
    torch.manual_seed(seed)
    pipeline = LTXConditionPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=_autoencoder(),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        transformer=LTXVideoTransformer3DModel(
            in_channels=CHANNELS,
            out_channels=CHANNELS,
            patch_size=1,
            patch_size_t=1,
            num_attention_heads=4,
            attention_head_dim=8,
            cross_attention_dim=WIDTH,
            num_layers=1,
            caption_channels=WIDTH,
        ),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def _autoencoder() -> AutoencoderKLLTXVideo:
    """Four pixels a latent each way and four frames, where the real one has 32 and eight."""
    return AutoencoderKLLTXVideo(
        in_channels=3,
        out_channels=3,
        latent_channels=CHANNELS,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        spatio_temporal_scaling=(True, True, False, False),
        decoder_spatio_temporal_scaling=(True, True, False, False),
        decoder_inject_noise=(False,) * 5,
        upsample_residual=(False,) * 4,
        upsample_factor=(1,) * 4,
        timestep_conditioning=False,
        patch_size=1,
        patch_size_t=1,
        encoder_causal=True,
        decoder_causal=False,
    )
