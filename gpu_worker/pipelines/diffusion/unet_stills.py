"""Stills from a U-Net that reads words, pictures of the cast in their regions, and adapters: Stable Diffusion 1.5, XL.

A batch may hold pictures of different casts: regions and strengths go into the masks of the IP-Adapter's attention, one
a picture and reference, after https://huggingface.co/docs/diffusers/using-diffusers/ip_adapter (masking).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence

import torch
from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
from diffusers.loaders import IPAdapterMixin
from diffusers.models.embeddings import ImageProjection
from PIL import Image as Pictures
from PIL.Image import Image

from gpu_worker.pipelines.diffusion.adapters import ResidentAdapters
from gpu_worker.pipelines.diffusion.configs import AutoencoderConfig, UNetConfig, read_config
from gpu_worker.pipelines.diffusion.family import (
    AdapterSupport,
    CastInPicture,
    FamilyCapabilities,
    KeyframeOrder,
    LoadedAdapter,
    OnStep,
    Prompt,
    Recipe,
)
from gpu_worker.pipelines.diffusion.memory import bytes_of
from gpu_worker.pipelines.diffusion.parts import ImagePrompt, Parts
from gpu_worker.pipelines.diffusion.regions import box_of
from gpu_worker.pipelines.diffusion.remembered import Remembered
from gpu_worker.pipelines.diffusion.settings import variable
from gpu_worker.weights.checking import shape_in
from gpu_worker.weights.errors import WeightsRefused

Tensors = Mapping[str, torch.Tensor]
UNetPipeline = StableDiffusionPipeline | StableDiffusionXLPipeline
IMAGE_PROMPT_KEY = "ip_adapter.1.to_k_ip.weight"  # (channels, cross-attention width)
REMEMBERED_MAX = 256
REFERENCES_MAX = 4  # of one character; each costs an attention of its own
BATCH_MAX = 4
BLANK = Pictures.new("RGB", (64, 64), "white")  # stands where a cast is shorter than the batch's longest


class GivenEmbeddings:
    """A pipeline that takes embeddings of pictures for each picture of a batch; diffusers repeats one for all."""

    def prepare_ip_adapter_image_embeds(
        self,
        ip_adapter_image: object,  # noqa: ARG002 - the signature is diffusers'
        ip_adapter_image_embeds: Sequence[torch.Tensor],
        device: torch.device,
        num_images_per_prompt: int,  # noqa: ARG002
        do_classifier_free_guidance: object,  # noqa: ARG002
    ) -> list[torch.Tensor]:
        return [embeddings.to(device) for embeddings in ip_adapter_image_embeds]


class UNetStills:
    """A keyframe family; `read` turns a prompt into the tensors that the pipeline takes in its place."""

    def __init__(self, name: str, pipeline: UNetPipeline, parts: Parts, *, read: Callable[[Prompt], Tensors]) -> None:
        self.name = name
        self.pipeline = pipeline
        self.capabilities = capabilities_of(parts)
        self._device = parts.device
        self._read = read
        self._words = Remembered[Tensors](REMEMBERED_MAX)
        self._pictures = Remembered[tuple[torch.Tensor, torch.Tensor]](REMEMBERED_MAX)
        if parts.image_prompt is not None:
            load_image_prompt(pipeline, parts.image_prompt)
        pipeline.set_progress_bar_config(disable=True)
        self.adapters = ResidentAdapters(pipeline, "unet", parts)

    @property
    def size_bytes(self) -> int:
        return bytes_of(self.pipeline)

    @property
    def cache_hits(self) -> int:
        """How often words, pictures or adapters were at hand already."""
        return self._words.hits + self._pictures.hits + self.adapters.hits

    def shown(self, cast: Sequence[CastInPicture]) -> Sequence[int]:
        """None without an IP-Adapter."""
        return [min(len(figure.references), self.capabilities.references_max) for figure in cast]

    def misfit(self, adapter: LoadedAdapter) -> str:
        return self.adapters.misfit(adapter)

    def make(self, orders: Sequence[KeyframeOrder], recipe: Recipe, on_step: OnStep) -> list[Image]:
        """Make one batch; see `KeyframeFamily.make`."""
        wanted = [figure.adapter for figure in orders[0].cast if figure.adapter is not None]
        self.adapters.use(wanted)

        def after_step(_pipeline: object, step: int, _time: object, kept: dict[str, torch.Tensor]) -> Tensors:
            on_step(step, kept["latents"])
            return kept

        with torch.no_grad():
            made = self.pipeline(
                **self._conditions(orders, recipe),  # pyright: ignore[reportArgumentType] - tensors by name
                height=orders[0].height,
                width=orders[0].width,
                num_inference_steps=recipe.steps,
                guidance_scale=recipe.guidance,
                # The CPU's numbers are the same on every machine.
                generator=[torch.Generator("cpu").manual_seed(order.seed) for order in orders],
                callback_on_step_end=after_step,  # pyright: ignore[reportArgumentType] - diffusers declares two of four
            )
        return list(made.images)  # pyright: ignore[reportAttributeAccessIssue] - a tuple only where that is asked for

    def _conditions(self, orders: Sequence[KeyframeOrder], recipe: Recipe) -> dict[str, object]:
        read = [self._words.get(f"{each.prompt}", lambda each=each: self._read(each.prompt)) for each in orders]
        words: dict[str, object] = {name: torch.cat([tensors[name] for tensors in read]) for name in read[0]}
        if self.pipeline.image_encoder is None:
            return words
        return words | self._picture_conditions(orders, is_guided=recipe.guidance > 1)

    def _picture_conditions(self, orders: Sequence[KeyframeOrder], *, is_guided: bool) -> dict[str, object]:
        """Embeddings (pictures, references, ...) and masks (pictures, references, height, width) of the batch.

        Where it is guided, the halves for "without" come first. Short casts are filled up with masks of zeros.
        """
        casts = [references_of(order) for order in orders]
        places = max(1, *(len(cast) for cast in casts))
        blank = self._embeddings(BLANK)
        masks = torch.zeros(len(orders), places, orders[0].height // 8, orders[0].width // 8)
        rows: list[list[tuple[torch.Tensor, torch.Tensor]]] = []
        for number, cast in enumerate(casts):
            rows.append([self._embeddings(picture) for picture, _, _ in cast] + [blank] * (places - len(cast)))
            for place, (_, region, strength) in enumerate(cast):
                left, top, right, bottom = box_of(region, (masks.shape[3], masks.shape[2]))
                masks[number, place, top:bottom, left:right] = strength
        self.pipeline.set_ip_adapter_scale(1.0 if any(casts) else 0.0)
        wanted = torch.stack([torch.cat([with_it for with_it, _ in row]) for row in rows])
        without = torch.stack([torch.cat([without for _, without in row]) for row in rows])
        if is_guided:
            wanted, masks = torch.cat([without, wanted]), torch.cat([masks, masks])
        masks = masks.to(self._device.name, self._device.dtype)
        return {"ip_adapter_image_embeds": [wanted], "cross_attention_kwargs": {"ip_adapter_masks": [masks]}}

    def _embeddings(self, picture: Image) -> tuple[torch.Tensor, torch.Tensor]:
        key = hashlib.sha256(f"{picture.size}".encode() + picture.tobytes()).hexdigest()

        def reckon() -> tuple[torch.Tensor, torch.Tensor]:
            [projection] = self.pipeline.unet.encoder_hid_proj.image_projection_layers
            is_hidden = not isinstance(projection, ImageProjection)
            with torch.no_grad():
                return self.pipeline.encode_image(picture, self._device.name, 1, is_hidden)

        return self._pictures.get(key, reckon)


def given(tensors: Mapping[str, torch.Tensor | None]) -> Tensors:
    """The tensors that there are; diffusers leaves out what a prompt or a guidance does not need."""
    return {name: tensor for name, tensor in tensors.items() if tensor is not None}


def references_of(order: KeyframeOrder) -> list[tuple[Image, tuple[float, float, float, float], float]]:
    """Each reference of the cast with its region and how strongly it is heeded; one character's share its strength."""
    found = [(figure, figure.references[:REFERENCES_MAX]) for figure in order.cast]
    return [
        (picture, figure.region, figure.reference_scale / len(pictures))
        for figure, pictures in found
        for picture in pictures
    ]


def load_image_prompt(pipeline: IPAdapterMixin, given: ImagePrompt) -> None:
    """Add the IP-Adapter and its image encoder to the pipeline."""
    pipeline.load_ip_adapter(
        str(given.folder),
        subfolder="",
        weight_name=given.file,
        image_encoder_folder=f"./{given.encoder}",
        local_files_only=True,
    )


def require_fitting(given: ImagePrompt, unet: UNetConfig) -> None:
    """Raise WeightsRefused unless the IP-Adapter speaks to a U-Net of this width; its weights are not read."""
    setting, path = variable("image_prompt_file"), given.folder / given.file
    shape = shape_in(path, IMAGE_PROMPT_KEY, setting)
    if shape is None:
        raise WeightsRefused(setting, f"{path} is no IP-Adapter: it has no {IMAGE_PROMPT_KEY}.")
    if shape[-1] != unet.cross_attention_dim:
        reason = f"{path} is for a U-Net of width {shape[-1]}, the keyframes' has {unet.cross_attention_dim}."
        raise WeightsRefused(setting, reason)


def capabilities_of(parts: Parts) -> FamilyCapabilities:
    """It makes its training size best, and every size that its levels halve evenly.

    Raises OSError or ValueError for another model, WeightsRefused for an IP-Adapter of another.
    """
    unet = read_config(parts.folder, "unet", UNetConfig)
    latent = read_config(parts.folder, "vae", AutoencoderConfig).scale
    if parts.image_prompt is not None:
        require_fitting(parts.image_prompt, unet)
    pixels, has_pictures = (unet.sample_size * latent) ** 2, parts.image_prompt is not None
    return FamilyCapabilities(
        pixels_min=pixels // 4,
        pixels_native=pixels,
        pixels_max=pixels * 9 // 4,
        size_multiple=latent * unet.scale,
        references_max=REFERENCES_MAX if has_pictures else 0,
        adapters=AdapterSupport.SEVERAL,
        has_regions=has_pictures,
        batch_max=BATCH_MAX,
    )
