"""A tiny Stable Diffusion XL: two text encoders, pooled words and sizes as conditions."""

# diffusers declares its parameters by their defaults: a tuple of one is given four.
# pyright: reportArgumentType=false

from pathlib import Path

import torch
from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel

from gpu_worker.tiny.stable_diffusion import tiny_autoencoder
from gpu_worker.tiny.texts import WIDTH, clip_text_model, clip_tokenizer, projecting_text_model

TIME_WIDTH = 8  # of each of the six numbers of sizes and crops


def build_stable_diffusion_xl(folder: Path, *, seed: int = 0) -> Path:
    """Save the pipeline into `folder` as safetensors and answer it."""
    tokenizer = clip_tokenizer()
    text_encoder, second = clip_text_model(tokenizer, seed=seed), projecting_text_model(tokenizer, seed=seed + 1)
    torch.manual_seed(seed)
    pipeline = StableDiffusionXLPipeline(
        vae=tiny_autoencoder(),
        text_encoder=text_encoder,
        text_encoder_2=second,
        tokenizer=tokenizer,
        tokenizer_2=clip_tokenizer(),
        unet=UNet2DConditionModel(
            sample_size=16,
            in_channels=4,
            out_channels=4,
            layers_per_block=1,
            block_out_channels=(32, 64),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=2 * WIDTH,
            attention_head_dim=(4, 8),
            norm_num_groups=8,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=TIME_WIDTH,
            transformer_layers_per_block=(1, 1),
            projection_class_embeddings_input_dim=6 * TIME_WIDTH + WIDTH,
        ),
        scheduler=EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder
