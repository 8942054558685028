"""Wan 2.1 and 2.2 image-to-video: 5 s from a keyframe, and to a last one where the weights know how.

2.2 A14B has two transformers, one for much noise and one for little; 2.2 5B gives each frame a time of its own and
takes no last frame; 2.1 takes one only in its first-and-last version. A character's adapter belongs to the keyframes'
model; identity comes in by the keyframe.
"""

import torch
from diffusers import WanImageToVideoPipeline

from gpu_worker.pipelines.diffusion.configs import PartConfig, read_config, read_index
from gpu_worker.pipelines.diffusion.family import FamilyCapabilities, Frames, MotionOrder, OnStep, Prompt, Recipe
from gpu_worker.pipelines.diffusion.moving import MovingPipeline, chance, frames_of, sized, telling
from gpu_worker.pipelines.diffusion.parts import Parts
from gpu_worker.pipelines.diffusion.remembered import Remembered
from gpu_worker.pipelines.diffusion.unet_stills import Tensors, given

NAME = "wan"
REMEMBERED_MAX = 4  # of texts, 8 MB on the accelerator; a shot's segments and re-rolls follow each other
PATCH = 2  # latents a token, each way
RATE, FRAMES_MAX, NATIVE_TOKENS = 16, 81, 52 * 30  # 832x480 at 16 px a token
# Of the one with a time for each frame, 2.2 5B: 1280x704 at 32 px a token.
RATE_TIMED, FRAMES_MAX_TIMED, NATIVE_TOKENS_TIMED = 24, 121, 40 * 22


class Wan(MovingPipeline[WanImageToVideoPipeline]):
    """A motion family; see `MotionFamily`."""

    def __init__(self, pipeline: WanImageToVideoPipeline, parts: Parts) -> None:
        super().__init__(NAME, pipeline, capabilities_of(parts))
        self._words = Remembered[Tensors](REMEMBERED_MAX)
        denoiser = pipeline.transformer or pipeline.transformer_2
        self._needs_last = denoiser is not None and denoiser.config["pos_embed_seq_len"] is not None

    def animate(self, order: MotionOrder, recipe: Recipe, on_step: OnStep) -> Frames:
        # Weights with places for two pictures read nothing else; without a last one they come back to the first.
        last = order.last or (order.keyframe if self._needs_last else None)
        with torch.no_grad():
            words = self._words.get(f"{order.prompt}", lambda: self._read(order.prompt))
            made = self.pipeline(
                sized(order.keyframe, order),
                **words,  # pyright: ignore[reportArgumentType] - tensors by name
                last_image=sized(last, order) if last is not None else None,  # pyright: ignore[reportArgumentType] - pictures, too
                height=order.height,
                width=order.width,
                num_frames=order.frames,
                num_inference_steps=recipe.steps,
                guidance_scale=recipe.guidance,
                generator=chance(order),
                output_type="np",
                callback_on_step_end=telling(on_step),  # pyright: ignore[reportArgumentType] - diffusers declares two of four
            )
        return frames_of(made)

    def _read(self, prompt: Prompt) -> Tensors:
        words, against = self.pipeline.encode_prompt(
            prompt.text, prompt.negative, do_classifier_free_guidance=True, max_sequence_length=512
        )
        return given({"prompt_embeds": words, "negative_prompt_embeds": against})


def load_wan(parts: Parts) -> Wan:
    """Load the model, its autoencoder in single precision: in half it shows stripes."""
    pipeline = WanImageToVideoPipeline.from_pretrained(
        parts.folder,
        local_files_only=True,
        use_safetensors=True,
        dtype={"vae": torch.float32, "default": parts.device.dtype},
    )
    return Wan(pipeline, parts)


class WanConfig(PartConfig):
    """The whole pipeline; a transformer that it is published without is null there."""

    expand_timesteps: bool = False
    transformer: tuple[str | None, str | None] = (None, None)


class TransformerConfig(PartConfig):
    """What tells the versions apart."""

    image_dim: int | None = None
    pos_embed_seq_len: int | None = None


class VideoAutoencoderConfig(PartConfig):
    """Pixels and frames of a latent."""

    scale_factor_spatial: int = 8
    scale_factor_temporal: int = 4


def capabilities_of(parts: Parts) -> FamilyCapabilities:
    """Read from the configuration which of the versions it is; raises OSError or ValueError for another model."""
    pipeline = read_index(parts.folder, WanConfig)
    part = "transformer" if any(pipeline.transformer) else "transformer_2"
    transformer = read_config(parts.folder, part, TransformerConfig)
    autoencoder = read_config(parts.folder, "vae", VideoAutoencoderConfig)
    is_timed = pipeline.expand_timesteps
    # 2.1 reads the picture by CLIP, too, and only with places learned for two does it read the last one.
    knows_last = transformer.image_dim is None or transformer.pos_embed_seq_len is not None
    token = autoencoder.scale_factor_spatial * PATCH
    native = (NATIVE_TOKENS_TIMED if is_timed else NATIVE_TOKENS) * token**2
    return FamilyCapabilities(
        pixels_min=native // 16,
        pixels_native=native,
        pixels_max=native if is_timed else native * 9 // 4,
        size_multiple=token,
        frames_min=autoencoder.scale_factor_temporal + 1,
        frames_max=FRAMES_MAX_TIMED if is_timed else FRAMES_MAX,
        frames_step=autoencoder.scale_factor_temporal,
        frames_per_second=RATE_TIMED if is_timed else RATE,
        has_first_frame=True,
        has_last_frame=knows_last and not is_timed,
        recipe=Recipe(steps=25, guidance=5.0),
    )
