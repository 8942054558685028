"""FLUX.2 klein: a megapixel from words and up to four reference pictures; 8 GB, and its language model as much again.

An editing family: it has no regions. Its references are numbered, and words tell whom each shows and where they stand,
after https://docs.bfl.ai/guides/prompting_editing_overview.
"""

from collections.abc import Sequence

import torch
from diffusers import Flux2KleinPipeline
from PIL.Image import Image, Resampling

from gpu_worker.pipelines.diffusion.adapters import ResidentAdapters
from gpu_worker.pipelines.diffusion.configs import AutoencoderConfig, PartConfig, read_config, read_index
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
from gpu_worker.pipelines.diffusion.numbered import numbered, words_of
from gpu_worker.pipelines.diffusion.parts import Parts
from gpu_worker.pipelines.diffusion.remembered import Remembered

NAME = "flux2_klein"
REMEMBERED_MAX = 16  # of texts, each 512 tokens by 7,680 numbers: 8 MB on the accelerator
PICTURES_MAX = 4  # as published for klein, of the whole cast
REFERENCE_SIDE_MIN = 64  # px; diffusers refuses smaller ones
# Of the side that the model makes best: every reference is that many tokens more at each step, and figures alone on
# white need no more.
REFERENCE_SHARE_MAX = 0.75
DISTILLED, GUIDED = Recipe(steps=4, guidance=1.0), Recipe(steps=50, guidance=4.0)  # as published


class Flux2Klein:
    """A keyframe family; see `KeyframeFamily`."""

    name = NAME

    def __init__(self, pipeline: Flux2KleinPipeline, parts: Parts) -> None:
        self.pipeline = pipeline
        self.capabilities = capabilities_of(parts)
        self._words = Remembered[torch.Tensor](REMEMBERED_MAX)
        pipeline.set_progress_bar_config(disable=True)
        self.adapters = ResidentAdapters(pipeline, "transformer", parts)

    @property
    def size_bytes(self) -> int:
        return bytes_of(self.pipeline)

    @property
    def cache_hits(self) -> int:
        """How often words or adapters were at hand already."""
        return self._words.hits + self.adapters.hits

    def misfit(self, adapter: LoadedAdapter) -> str:
        return self.adapters.misfit(adapter)

    def make(self, orders: Sequence[KeyframeOrder], recipe: Recipe, on_step: OnStep) -> list[Image]:
        """Make the one order of a batch; see `KeyframeFamily.make`."""
        return [self._made(order, recipe, on_step) for order in orders]

    def _made(self, order: KeyframeOrder, recipe: Recipe, on_step: OnStep) -> Image:
        self.adapters.use([figure.adapter for figure in order.cast if figure.adapter is not None])
        given = numbered(order.cast, most=PICTURES_MAX)
        rows = order.height // self.capabilities.size_multiple

        def after_step(
            _pipeline: object, step: int, _time: object, kept: dict[str, torch.Tensor]
        ) -> dict[str, torch.Tensor]:
            on_step(step, self._spread(kept["latents"], rows))
            return kept

        with torch.no_grad():
            made = self.pipeline(
                image=[self._sized(picture) for figure in given for picture in figure.references] or None,
                prompt_embeds=self._read(f"{order.prompt.text}. {words_of(given)}".rstrip()),
                negative_prompt_embeds=self._negative(order.prompt, recipe),  # pyright: ignore[reportArgumentType] - tensors, too
                height=order.height,
                width=order.width,
                num_inference_steps=recipe.steps,
                guidance_scale=recipe.guidance,
                # The CPU's numbers are the same on every machine.
                generator=torch.Generator("cpu").manual_seed(order.seed),
                callback_on_step_end=after_step,  # pyright: ignore[reportArgumentType] - diffusers declares two of four
            )
        return made.images[0]  # pyright: ignore[reportAttributeAccessIssue] - a tuple only where that is asked for

    def shown(self, cast: Sequence[CastInPicture]) -> Sequence[int]:
        return [len(figure.references) for figure in numbered(cast, most=PICTURES_MAX)]

    def _sized(self, picture: Image) -> Image:
        """A square reference in whole tokens."""
        token, side_max = self.capabilities.size_multiple, REFERENCE_SHARE_MAX * self.capabilities.pixels_native**0.5
        side = int(min(max(picture.width, REFERENCE_SIDE_MIN), side_max)) // token * token
        return picture if picture.size == (side, side) else picture.resize((side, side), Resampling.LANCZOS)

    def _read(self, words: str) -> torch.Tensor:
        """(1, tokens, three layers' width)."""
        return self._words.get(words, lambda: self.pipeline.encode_prompt(words)[0])

    def _negative(self, prompt: Prompt, recipe: Recipe) -> torch.Tensor | None:
        is_guided = recipe.guidance > 1 and not self.pipeline.config["is_distilled"]
        return self._read(prompt.negative) if is_guided else None

    def _spread(self, tokens: torch.Tensor, rows: int) -> torch.Tensor:
        """From normalised tokens (batch, rows * columns, 4 channels) to latents (batch, channels, 2 rows, ...)."""
        batch, _, channels = tokens.shape
        square = tokens.transpose(1, 2).reshape(batch, channels, rows, -1)
        statistics, eps = self.pipeline.vae.bn, self.pipeline.vae.config["batch_norm_eps"]
        mean, variance = (
            each.view(1, -1, 1, 1).to(square) for each in (statistics.running_mean, statistics.running_var)
        )
        # Four neighbouring latents are channels of a token.
        return torch.nn.functional.pixel_shuffle(square * torch.sqrt(variance + eps) + mean, 2)


def load_flux2_klein(parts: Parts) -> Flux2Klein:
    """Load the model with the scheduler that it was published with."""
    pipeline = Flux2KleinPipeline.from_pretrained(
        parts.folder, local_files_only=True, use_safetensors=True, dtype=parts.device.dtype
    )
    return Flux2Klein(pipeline, parts)


class Flux2KleinConfig(PartConfig):
    """The whole pipeline."""

    is_distilled: bool = False


def capabilities_of(parts: Parts) -> FamilyCapabilities:
    """The recipe is by whether it was distilled to few steps; raises OSError or ValueError for another model."""
    autoencoder = read_config(parts.folder, "vae", AutoencoderConfig)
    pixels = autoencoder.sample_size**2
    return FamilyCapabilities(
        pixels_min=pixels // 4,
        pixels_native=pixels,
        pixels_max=pixels * 2,
        # A token is two latents wide and high.
        size_multiple=autoencoder.scale * 2,
        references_max=PICTURES_MAX,
        pictures_max=PICTURES_MAX,
        adapters=AdapterSupport.SEVERAL,
        recipe=DISTILLED if read_index(parts.folder, Flux2KleinConfig).is_distilled else GUIDED,
    )
