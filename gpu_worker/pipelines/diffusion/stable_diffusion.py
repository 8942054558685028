"""Stable Diffusion 1.5: 512 px, about 3 GB in half precision, the widest choice of adapters."""

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline

from gpu_worker.pipelines.diffusion.family import Prompt
from gpu_worker.pipelines.diffusion.parts import Parts
from gpu_worker.pipelines.diffusion.unet_stills import GivenEmbeddings, Tensors, UNetStills, given

NAME = "stable_diffusion"


class BatchedStableDiffusion(GivenEmbeddings, StableDiffusionPipeline):
    """Diffusers' own, each picture of a batch with references of its own."""


def load_stable_diffusion(parts: Parts) -> UNetStills:
    """Load the model; DDIM, which makes the same picture of the same seed whatever the number of runs before."""
    pipeline = BatchedStableDiffusion.from_pretrained(
        parts.folder,
        local_files_only=True,
        use_safetensors=True,
        dtype=parts.device.dtype,
        safety_checker=None,
        requires_safety_checker=False,
        # An image encoder belongs to the IP-Adapter, which brings its own.
        image_encoder=None,
        feature_extractor=None,
    )
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)

    def read(prompt: Prompt) -> Tensors:
        with torch.no_grad():
            words, against = pipeline.encode_prompt(
                prompt.text,
                parts.device.name,
                num_images_per_prompt=1,
                do_classifier_free_guidance=True,
                negative_prompt=prompt.negative,
            )
        return given({"prompt_embeds": words, "negative_prompt_embeds": against})

    return UNetStills(NAME, pipeline, parts, read=read)
