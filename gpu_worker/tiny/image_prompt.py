"""A tiny IP-Adapter for a tiny U-Net: the adapter's file and its image encoder, as the published ones lie."""

from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from gpu_worker.tiny.worker import ENCODER, FILE

EMBEDDING_WIDTH = 32
TOKENS = 4


def build_image_prompt(folder: Path, model: Path, *, seed: int = 0) -> Path:
    """Write an adapter for the model in the folder `model`, the same one for the same seed."""
    torch.manual_seed(seed)
    unet = UNet2DConditionModel.from_pretrained(model, subfolder="unet", local_files_only=True)
    config = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=48,
        projection_dim=EMBEDDING_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=32,
        patch_size=8,
    )
    CLIPVisionModelWithProjection(config).save_pretrained(folder / ENCODER)
    save_file(adapter_tensors(unet), folder / FILE)
    return folder


def adapter_tensors(unet: UNet2DConditionModel) -> dict[str, torch.Tensor]:
    """The projection of a picture's vector; keys and values of each cross-attention, numbered 1, 3, 5 as published."""
    cross: int = unet.config["cross_attention_dim"]
    tensors = {
        "image_proj.proj.weight": torch.randn(TOKENS * cross, EMBEDDING_WIDTH) * 0.2,
        "image_proj.proj.bias": torch.zeros(TOKENS * cross),
        "image_proj.norm.weight": torch.ones(cross),
        "image_proj.norm.bias": torch.zeros(cross),
    }
    shapes = {name: weight.shape for name, weight in unet.named_parameters() if name.endswith("attn2.to_k.weight")}
    crossing = [name for name in unet.attn_processors if name.endswith("attn2.processor")]
    for place, name in enumerate(crossing):
        inner = shapes[name.removesuffix("processor") + "to_k.weight"][0]
        for part in ("to_k_ip", "to_v_ip"):
            tensors[f"ip_adapter.{2 * place + 1}.{part}.weight"] = torch.randn(inner, cross) * 0.3
    return tensors
