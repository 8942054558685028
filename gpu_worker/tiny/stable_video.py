"""A tiny Stable Video Diffusion: picture encoder, space-time U-Net and temporal decoder of a few channels."""

# diffusers declares its parameters by their defaults: a tuple of one is given four.
# pyright: reportArgumentType=false

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLTemporalDecoder,
    EulerDiscreteScheduler,
    StableVideoDiffusionPipeline,
    UNetSpatioTemporalConditionModel,
)
from transformers import CLIPImageProcessorPil, CLIPVisionConfig, CLIPVisionModelWithProjection

WIDTH = 32
PICTURE = 224  # px that the pipeline hands to the encoder, whatever its configuration says
FRAMES = 8


def build_stable_video(folder: Path, *, seed: int = 0) -> Path:
    """Save the pipeline into `folder` as safetensors and answer it."""
    torch.manual_seed(seed)
    pipeline = StableVideoDiffusionPipeline(
        image_encoder=CLIPVisionModelWithProjection(
            CLIPVisionConfig(
                hidden_size=WIDTH,
                intermediate_size=WIDTH,
                projection_dim=WIDTH,
                num_hidden_layers=2,
                num_attention_heads=4,
                image_size=PICTURE,
                patch_size=32,
            )
        ).eval(),
        feature_extractor=CLIPImageProcessorPil(crop_size=PICTURE, size=PICTURE),
        vae=AutoencoderKLTemporalDecoder(
            block_out_channels=(32, 32, 32, 32), down_block_types=("DownEncoderBlock2D",) * 4, latent_channels=4
        ),
        unet=UNetSpatioTemporalConditionModel(
            sample_size=8,
            num_frames=FRAMES,
            block_out_channels=(32, 64),
            layers_per_block=1,
            down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
            up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
            cross_attention_dim=WIDTH,
            num_attention_heads=4,
            projection_class_embeddings_input_dim=96,
            addition_time_embed_dim=32,
        ),
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            prediction_type="v_prediction",
            sigma_min=0.002,
            sigma_max=700.0,
            steps_offset=1,
            timestep_spacing="leading",
            timestep_type="continuous",
            use_karras_sigmas=True,
        ),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder
