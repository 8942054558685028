"""LTX-Video 0.9.5 and later: up to 161 frames at 25 a second, with pictures given at any frame, here first and last.

A character's adapter belongs to the keyframes' model; identity comes in by the keyframe.
"""

import torch
from diffusers import LTXConditionPipeline
from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

from gpu_worker.pipelines.diffusion.configs import PartConfig, read_config
from gpu_worker.pipelines.diffusion.family import FamilyCapabilities, Frames, MotionOrder, OnStep, Prompt, Recipe
from gpu_worker.pipelines.diffusion.moving import MovingPipeline, chance, frames_of, sized, telling
from gpu_worker.pipelines.diffusion.parts import Parts
from gpu_worker.pipelines.diffusion.remembered import Remembered
from gpu_worker.pipelines.diffusion.unet_stills import Tensors, given

NAME = "ltx"
RATE = 25
FRAMES_MAX = 161
NATIVE_TOKENS = 24 * 16  # 768x512 at 32 px a token
REMEMBERED_MAX = 4  # of texts, 4 MB on the accelerator; a shot's segments and re-rolls follow each other
# As its authors decode: a little noise is taken out by the decoder itself.
DECODE_STEP, DECODE_NOISE, PICTURE_NOISE = 0.05, 0.025, 0.025


class LTX(MovingPipeline[LTXConditionPipeline]):
    """A motion family; see `MotionFamily`."""

    def __init__(self, pipeline: LTXConditionPipeline, parts: Parts) -> None:
        super().__init__(NAME, pipeline, capabilities_of(parts))
        self._words = Remembered[Tensors](REMEMBERED_MAX)

    def animate(self, order: MotionOrder, recipe: Recipe, on_step: OnStep) -> Frames:
        conditions = [LTXVideoCondition(image=sized(order.keyframe, order), frame_index=0)]
        if order.last is not None:
            conditions.append(LTXVideoCondition(image=sized(order.last, order), frame_index=order.frames - 1))
        with torch.no_grad():
            words = self._words.get(f"{order.prompt}", lambda: self._read(order.prompt))
            made = self.pipeline(
                conditions=conditions,
                **words,  # pyright: ignore[reportArgumentType] - tensors by name
                height=order.height,
                width=order.width,
                num_frames=order.frames,
                frame_rate=RATE,
                num_inference_steps=recipe.steps,
                guidance_scale=recipe.guidance,
                image_cond_noise_scale=PICTURE_NOISE,
                decode_timestep=DECODE_STEP,
                decode_noise_scale=DECODE_NOISE,
                generator=chance(order),
                output_type="np",
                callback_on_step_end=telling(on_step, lambda latents: self._unpacked(latents, order)),  # pyright: ignore[reportArgumentType] - diffusers declares two of four
            )
        return frames_of(made)

    def _read(self, prompt: Prompt) -> Tensors:
        read = self.pipeline.encode_prompt(prompt.text, prompt.negative, do_classifier_free_guidance=True)
        names = ("prompt_embeds", "prompt_attention_mask", "negative_prompt_embeds", "negative_prompt_attention_mask")
        return given(dict(zip(names, read, strict=True)))

    def _unpacked(self, latents: torch.Tensor, order: MotionOrder) -> torch.Tensor:
        """From (batch, tokens, channels), where tokens of pictures given at later frames come first."""
        pipeline = self.pipeline
        frames = (order.frames - 1) // pipeline.vae_temporal_compression_ratio + 1
        height, width = (side // pipeline.vae_spatial_compression_ratio for side in (order.height, order.width))
        own = latents[:, -frames * height * width :]
        return own.reshape(len(own), frames, height, width, -1).permute(0, 4, 1, 2, 3)


def load_ltx(parts: Parts) -> LTX:
    pipeline = LTXConditionPipeline.from_pretrained(
        parts.folder, local_files_only=True, use_safetensors=True, dtype=parts.device.dtype
    )
    return LTX(pipeline, parts)


class VideoAutoencoderConfig(PartConfig):
    """How pixels and frames become latents."""

    patch_size: int = 4
    patch_size_t: int = 1
    spatio_temporal_scaling: tuple[bool, ...] = (True, True, True, False)
    spatial_compression_ratio: int | None = None
    temporal_compression_ratio: int | None = None

    @property
    def token(self) -> int:
        """Pixels of a latent, each way."""
        return self.spatial_compression_ratio or self.patch_size * 2 ** sum(self.spatio_temporal_scaling)

    @property
    def frames(self) -> int:
        """Frames of a latent."""
        return self.temporal_compression_ratio or self.patch_size_t * 2 ** sum(self.spatio_temporal_scaling)


def capabilities_of(parts: Parts) -> FamilyCapabilities:
    """Its tokens are the autoencoder's latents; raises OSError or ValueError for another model."""
    autoencoder = read_config(parts.folder, "vae", VideoAutoencoderConfig)
    native = NATIVE_TOKENS * autoencoder.token**2
    return FamilyCapabilities(
        pixels_min=native // 6,
        pixels_native=native,
        pixels_max=native * 9 // 4,
        size_multiple=autoencoder.token,
        frames_min=autoencoder.frames + 1,
        frames_max=FRAMES_MAX,
        frames_step=autoencoder.frames,
        frames_per_second=RATE,
        has_first_frame=True,
        has_last_frame=True,
        recipe=Recipe(steps=25, guidance=3.0),
    )
