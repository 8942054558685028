"""Stable Video Diffusion: 25 frames of 1024x576 from a picture alone, without words or adapters, at 7 frames a second.

Its guidance rises over the frames from 1 to the recipe's; 3 is what it is shown with.
"""

import torch
from diffusers import StableVideoDiffusionPipeline

from gpu_worker.pipelines.diffusion.configs import AutoencoderConfig, UNetConfig, read_config
from gpu_worker.pipelines.diffusion.family import FamilyCapabilities, Frames, MotionOrder, OnStep, Recipe
from gpu_worker.pipelines.diffusion.moving import MovingPipeline, chance, frames_of, sized, telling
from gpu_worker.pipelines.diffusion.parts import Parts

NAME = "stable_video"
RATE = 7  # frames/s, which the model is told
DECODED_TOGETHER = 8  # frames; more need more memory


class StableVideo(MovingPipeline[StableVideoDiffusionPipeline]):
    """A motion family; see `MotionFamily`."""

    def animate(self, order: MotionOrder, recipe: Recipe, on_step: OnStep) -> Frames:
        with torch.no_grad():
            made = self.pipeline(
                sized(order.keyframe, order),
                height=order.height,
                width=order.width,
                num_frames=order.frames,
                num_inference_steps=recipe.steps,
                max_guidance_scale=recipe.guidance,
                fps=RATE,
                decode_chunk_size=DECODED_TOGETHER,
                generator=chance(order),
                output_type="np",
                callback_on_step_end=telling(on_step, channels_first),  # pyright: ignore[reportArgumentType] - diffusers declares two of four
            )
        return frames_of(made)


def load_stable_video(parts: Parts) -> StableVideo:
    pipeline = StableVideoDiffusionPipeline.from_pretrained(
        parts.folder, local_files_only=True, use_safetensors=True, dtype=parts.device.dtype
    )
    return StableVideo(NAME, pipeline, capabilities_of(parts))


def capabilities_of(parts: Parts) -> FamilyCapabilities:
    """It makes as many frames as it was trained on, or fewer; raises OSError or ValueError for another model."""
    unet = read_config(parts.folder, "unet", UNetConfig)
    latent = read_config(parts.folder, "vae", AutoencoderConfig).scale
    pixels = (unet.sample_size * latent) ** 2
    return FamilyCapabilities(
        pixels_min=pixels // 4,
        pixels_native=pixels,
        pixels_max=pixels,
        size_multiple=latent * unet.scale,
        frames_min=2,
        frames_max=unet.num_frames,
        frames_per_second=RATE,
        has_first_frame=True,
        recipe=Recipe(steps=25, guidance=3.0),
    )


def channels_first(latents: torch.Tensor) -> torch.Tensor:
    """From (batch, frames, channels, height, width)."""
    return latents.transpose(1, 2)
