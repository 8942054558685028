"""Tiny image towers of CLIP and DINOv2, which answer 768 numbers as the real ones."""

from pathlib import Path

import torch
from transformers import (
    BitImageProcessorPil,
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    Dinov2Config,
    Dinov2Model,
)

DIMENSIONS = 768
SIDE, PATCH = 32, 8


def build_clip_vision(folder: Path, *, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    config = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=32,
        projection_dim=DIMENSIONS,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=SIDE,
        patch_size=PATCH,
    )
    CLIPVisionModelWithProjection(config).eval().save_pretrained(folder)
    CLIPImageProcessorPil(crop_size=SIDE, size=SIDE).save_pretrained(folder)
    return folder


def build_dinov2(folder: Path, *, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    config = Dinov2Config(
        hidden_size=DIMENSIONS,
        mlp_ratio=1,
        num_hidden_layers=1,
        num_attention_heads=4,
        image_size=SIDE,
        patch_size=PATCH,
    )
    Dinov2Model(config).eval().save_pretrained(folder)
    BitImageProcessorPil(crop_size=SIDE, size=SIDE).save_pretrained(folder)
    return folder
