"""A tiny Wan 2.2 image-to-video: two transformers, one for much and one for little noise."""

# diffusers declares one of the schedulers that fit.
# pyright: reportArgumentType=false

from pathlib import Path

import torch
from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanImageToVideoPipeline, WanTransformer3DModel

from gpu_worker.tiny.t5 import WIDTH, t5_tokenizer, umt5_encoder

LATENT_CHANNELS = 16


def build_wan(folder: Path, *, seed: int = 0) -> Path:
    """Save the pipeline into `folder` as safetensors and answer it."""
    tokenizer = t5_tokenizer()
    text_encoder = umt5_encoder(tokenizer, seed=seed)
    torch.manual_seed(seed)
    pipeline = WanImageToVideoPipeline(
        tokenizer=tokenizer,
        text_encoder=text_encoder,
        vae=AutoencoderKLWan(
            base_dim=3,
            z_dim=LATENT_CHANNELS,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[False, True, True],
        ),
        scheduler=UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0),
        transformer=_transformer(),
        transformer_2=_transformer(),
        boundary_ratio=0.875,
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def _transformer() -> WanTransformer3DModel:
    """Reads noise, the picture's latents and four channels that say which frames are given."""
    return WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=2 * LATENT_CHANNELS + 4,
        out_channels=LATENT_CHANNELS,
        text_dim=WIDTH,
        freq_dim=32,
        ffn_dim=32,
        num_layers=2,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=32,
    )
