"""A tiny MotionAdapter for the tiny Stable Diffusion: what AnimateDiff adds to it."""

# diffusers declares its parameters by their defaults: a tuple of one is given four.
# pyright: reportArgumentType=false

from pathlib import Path

import torch
from diffusers import MotionAdapter

FRAMES_MAX = 16


def build_animatediff(folder: Path, *, seed: int = 0) -> Path:
    """Save the adapter into `folder` as safetensors and answer it; it fits `build_stable_diffusion`'s U-Net."""
    torch.manual_seed(seed)
    adapter = MotionAdapter(
        block_out_channels=(32, 64),
        motion_layers_per_block=1,
        motion_norm_num_groups=8,
        motion_num_attention_heads=4,
        motion_max_seq_length=FRAMES_MAX,
    )
    adapter.save_pretrained(folder, safe_serialization=True)
    return folder
