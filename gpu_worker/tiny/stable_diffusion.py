"""A tiny Stable Diffusion 1.5: every part of the real one, each a few layers of a few channels."""

# diffusers declares its parameters by their defaults: a tuple of one is given four.
# pyright: reportArgumentType=false

from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel

from gpu_worker.tiny.texts import WIDTH, clip_text_model, clip_tokenizer


def build_stable_diffusion(folder: Path, *, seed: int = 0) -> Path:
    """Save the pipeline into `folder` as safetensors (about 5 MB) and answer it."""
    tokenizer = clip_tokenizer()
    text_encoder = clip_text_model(tokenizer, seed=seed)
    torch.manual_seed(seed)
    pipeline = StableDiffusionPipeline(
        vae=tiny_autoencoder(),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=UNet2DConditionModel(
            sample_size=16,
            in_channels=4,
            out_channels=4,
            layers_per_block=1,
            block_out_channels=(32, 64),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=WIDTH,
            attention_head_dim=8,
            norm_num_groups=8,
        ),
        scheduler=DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            clip_sample=False,
            set_alpha_to_one=False,
            steps_offset=1,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def tiny_autoencoder() -> AutoencoderKL:
    """Eight pixels a latent, as the real one."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        sample_size=128,
        block_out_channels=(8, 16, 16, 16),
        layers_per_block=1,
        norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    )
