"""A tiny CLIP: pictures and texts in one space, saved as the published ones are."""

from pathlib import Path

import torch
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPVisionConfig

from gpu_worker.tiny.texts import WIDTH, clip_text_config, clip_tokenizer


def build_clip(folder: Path, *, seed: int = 0) -> Path:
    """Save model, tokenizer and picture settings into `folder` and answer it; the same one for the same seed."""
    tokenizer = clip_tokenizer()
    vision = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=48,
        projection_dim=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=32,
        patch_size=8,
    )
    torch.manual_seed(seed)
    config = CLIPConfig(
        text_config=clip_text_config(tokenizer).to_dict(), vision_config=vision.to_dict(), projection_dim=WIDTH
    )
    CLIPModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder
