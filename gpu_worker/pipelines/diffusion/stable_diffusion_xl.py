"""Stable Diffusion XL: 1024 px, about 7 GB in half precision."""

import torch
from diffusers import StableDiffusionXLPipeline

from gpu_worker.pipelines.diffusion.family import Prompt
from gpu_worker.pipelines.diffusion.parts import Parts
from gpu_worker.pipelines.diffusion.unet_stills import GivenEmbeddings, Tensors, UNetStills, given

NAME = "stable_diffusion_xl"


class BatchedStableDiffusionXL(GivenEmbeddings, StableDiffusionXLPipeline):
    """Diffusers' own, each picture of a batch with references of its own."""


def load_stable_diffusion_xl(parts: Parts) -> UNetStills:
    """Load the model with the scheduler that it was published with."""
    pipeline = BatchedStableDiffusionXL.from_pretrained(
        parts.folder,
        local_files_only=True,
        use_safetensors=True,
        dtype=parts.device.dtype,
        add_watermarker=False,
        image_encoder=None,
        feature_extractor=None,
    )

    def read(prompt: Prompt) -> Tensors:
        with torch.no_grad():
            words, against, pooled, pooled_against = pipeline.encode_prompt(
                prompt.text, negative_prompt=prompt.negative
            )
        return given(
            {
                "prompt_embeds": words,
                "negative_prompt_embeds": against,
                "pooled_prompt_embeds": pooled,
                "negative_pooled_prompt_embeds": pooled_against,
            }
        )

    return UNetStills(NAME, pipeline, parts, read=read)
