"""A tiny Wan image-to-video: 2.2 with two transformers, one for much and one for little noise; 2.1 with one."""

# diffusers declares one of the schedulers that fit.
# pyright: reportArgumentType=false

from pathlib import Path

import torch
from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanImageToVideoPipeline, WanTransformer3DModel
from transformers import CLIPImageProcessorPil, CLIPVisionConfig, CLIPVisionModel

from gpu_worker.tiny.t5 import WIDTH, t5_tokenizer, umt5_encoder

LATENT_CHANNELS = 16
HEADS, HEAD = 2, 12
PICTURE, PATCH = 32, 16  # px that CLIP reads


def build_wan(folder: Path, *, seed: int = 0, is_first_and_last: bool = False) -> Path:
    """Save the pipeline into `folder` as safetensors and answer it.

    `is_first_and_last` is the version of 2.1 that reads two pictures by CLIP, too.
    """
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
        transformer=_transformer(pictures=2 if is_first_and_last else 0),
        **(_reader() if is_first_and_last else {"transformer_2": _transformer(), "boundary_ratio": 0.875}),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def _reader() -> dict[str, object]:
    """What reads the pictures."""
    vision = CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=PICTURE,
        patch_size=PATCH,
    )
    processor = CLIPImageProcessorPil(crop_size=PICTURE, size=PICTURE)
    return {"image_encoder": CLIPVisionModel(vision).eval(), "image_processor": processor}


def _transformer(*, pictures: int = 0) -> WanTransformer3DModel:
    """Reads noise, the picture's latents and four channels that say which frames are given; and CLIP's pictures."""
    reading: dict[str, int] = {}
    if pictures:
        places = pictures * ((PICTURE // PATCH) ** 2 + 1)
        reading = {"image_dim": WIDTH, "added_kv_proj_dim": HEADS * HEAD, "pos_embed_seq_len": places}
    return WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=HEADS,
        attention_head_dim=HEAD,
        in_channels=2 * LATENT_CHANNELS + 4,
        out_channels=LATENT_CHANNELS,
        text_dim=WIDTH,
        freq_dim=32,
        ffn_dim=32,
        num_layers=2,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=32,
        **reading,
    )
