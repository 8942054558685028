"""AnimateDiff: the keyframes' Stable Diffusion 1.5 with a MotionAdapter, so that characters' adapters hold in motion.

The frames begin as the keyframe under noise, all of them, and the cast's pictures speak through the IP-Adapter; the
decision on motion says why.
"""

import math
from pathlib import Path

import torch
from diffusers import AnimateDiffVideoToVideoPipeline, DDIMScheduler, MotionAdapter

from gpu_worker.pipelines.diffusion.adapters import ResidentAdapters
from gpu_worker.pipelines.diffusion.configs import AutoencoderConfig, PartConfig, UNetConfig, read_config
from gpu_worker.pipelines.diffusion.family import (
    AdapterSupport,
    FamilyCapabilities,
    Frames,
    LoadedAdapter,
    MotionOrder,
    OnStep,
    Prompt,
    Recipe,
)
from gpu_worker.pipelines.diffusion.moving import MovingPipeline, chance, frames_of, sized, telling
from gpu_worker.pipelines.diffusion.parts import Parts
from gpu_worker.pipelines.diffusion.regions import box_of
from gpu_worker.pipelines.diffusion.remembered import Remembered
from gpu_worker.pipelines.diffusion.unet_stills import Tensors, given, load_image_prompt

NAME = "animatediff"
RATE = 8
FRAMES_MAX = 16  # what motion adapters are trained on; longer they repeat themselves
STRENGTH = 0.75  # how far into noise the keyframe goes: less holds it still, more forgets it
KEYFRAME_SCALE = 0.5  # how strongly the keyframe is heeded where a shot has no cast
REMEMBERED_MAX = 64


class AnimateDiff(MovingPipeline[AnimateDiffVideoToVideoPipeline]):
    """A motion family; see `MotionFamily`."""

    def __init__(self, pipeline: AnimateDiffVideoToVideoPipeline, parts: Parts) -> None:
        if parts.image_prompt is not None:
            load_image_prompt(pipeline, parts.image_prompt)
        super().__init__(NAME, pipeline, capabilities_of(parts))
        self._device = parts.device
        self._words = Remembered[Tensors](REMEMBERED_MAX)
        self._adapters = ResidentAdapters(pipeline, "unet", parts)

    def misfit(self, adapter: LoadedAdapter) -> str:
        return self._adapters.misfit(adapter)

    def animate(self, order: MotionOrder, recipe: Recipe, on_step: OnStep) -> Frames:
        self._adapters.use([figure.adapter for figure in order.cast if figure.adapter is not None])
        with torch.no_grad():
            words = self._words.get(f"{order.prompt}", lambda: self._read(order.prompt))
            made = self.pipeline(
                [sized(order.keyframe, order)] * order.frames,  # pyright: ignore[reportArgumentType] - one video, no batch
                **words,  # pyright: ignore[reportArgumentType] - tensors by name
                **self._pictures(order),  # pyright: ignore[reportArgumentType] - tensors by name
                height=order.height,
                width=order.width,
                # Only the last share of the steps is walked: as many as the recipe says.
                num_inference_steps=math.ceil(recipe.steps / STRENGTH),
                strength=STRENGTH,
                guidance_scale=recipe.guidance,
                generator=chance(order),
                output_type="np",
                callback_on_step_end=telling(on_step),  # pyright: ignore[reportArgumentType] - diffusers declares two of four
            )
        return frames_of(made)

    def _read(self, prompt: Prompt) -> Tensors:
        words, against = self.pipeline.encode_prompt(
            prompt.text, self._device.name, 1, do_classifier_free_guidance=True, negative_prompt=prompt.negative
        )
        return given({"prompt_embeds": words, "negative_prompt_embeds": against})

    def _pictures(self, order: MotionOrder) -> dict[str, object]:
        """The cast's first references, each in its region; the keyframe in the whole frame where there is no cast."""
        if self.pipeline.image_encoder is None:
            return {}
        shown = [(each.references[0], each.region, each.reference_scale) for each in order.cast if each.references]
        shown = shown or [(order.keyframe, (0.0, 0.0, 1.0, 1.0), KEYFRAME_SCALE)]
        masks = torch.zeros(1, len(shown), order.height // 8, order.width // 8)
        for place, (_, region, _) in enumerate(shown):
            left, top, right, bottom = box_of(region, (masks.shape[3], masks.shape[2]))
            masks[0, place, top:bottom, left:right] = 1
        self.pipeline.set_ip_adapter_scale([[strength for _, _, strength in shown]])
        return {
            "ip_adapter_image": [[picture for picture, _, _ in shown]],
            "cross_attention_kwargs": {"ip_adapter_masks": [masks.to(self._device.name, self._device.dtype)]},
        }


def load_animatediff(parts: Parts) -> AnimateDiff:
    """Load the keyframes' model with the adapter; raises ValueError where none is set."""
    adapter = MotionAdapter.from_pretrained(
        needed_adapter(parts), local_files_only=True, use_safetensors=True, dtype=parts.device.dtype
    )
    pipeline = AnimateDiffVideoToVideoPipeline.from_pretrained(
        parts.folder,
        motion_adapter=adapter,
        local_files_only=True,
        use_safetensors=True,
        dtype=parts.device.dtype,
        # An image encoder belongs to the IP-Adapter, which brings its own.
        image_encoder=None,
        feature_extractor=None,
    )
    # Motion adapters are trained on these noise levels, not on the model's own.
    pipeline.scheduler = DDIMScheduler.from_config(
        pipeline.scheduler.config,
        beta_schedule="linear",
        clip_sample=False,
        timestep_spacing="linspace",
        steps_offset=1,
    )
    return AnimateDiff(pipeline, parts)


class MotionAdapterConfig(PartConfig):
    """How many frames it has places for."""

    motion_max_seq_length: int = 32


def capabilities_of(parts: Parts) -> FamilyCapabilities:
    """As the keyframes' model in size; raises ValueError where no adapter is set, and as `read_config`."""
    unet = read_config(parts.folder, "unet", UNetConfig)
    latent = read_config(parts.folder, "vae", AutoencoderConfig).scale
    adapter = read_config(needed_adapter(parts), "", MotionAdapterConfig)
    pixels, has_pictures = (unet.sample_size * latent) ** 2, parts.image_prompt is not None
    return FamilyCapabilities(
        pixels_min=pixels // 4,
        pixels_native=pixels,
        pixels_max=pixels * 9 // 4,
        size_multiple=latent * unet.scale,
        frames_min=2,
        frames_max=min(FRAMES_MAX, adapter.motion_max_seq_length),
        frames_per_second=RATE,
        references_max=1 if has_pictures else 0,
        adapters=AdapterSupport.SEVERAL,
        has_regions=has_pictures,
        recipe=Recipe(steps=25, guidance=5.0),
    )


def needed_adapter(parts: Parts) -> Path:
    if parts.motion_adapter is None:
        raise ValueError("AnimateDiff needs a motion adapter")
    return parts.motion_adapter
