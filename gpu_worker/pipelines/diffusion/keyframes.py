"""From the command for a keyframe to its picture and label map."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from PIL.Image import Image

from contracts.commands import KeyframeMade, MakeKeyframe, OutputName
from gpu_worker.pipelines.diffusion.cast import cast_of
from gpu_worker.pipelines.diffusion.family import KeyframeFamily, KeyframeOrder, OnStep, Recipe
from gpu_worker.pipelines.diffusion.figures import FigureFinder, write_labels
from gpu_worker.pipelines.diffusion.memory import SMALLER_SHARE, Ladder, Rung, prepare, rungs_for
from gpu_worker.pipelines.diffusion.models import Models
from gpu_worker.pipelines.diffusion.previews import preview_jpeg
from gpu_worker.pipelines.diffusion.prompts import prompt_of
from gpu_worker.pipelines.diffusion.record import cast_notes, notes_of
from gpu_worker.pipelines.diffusion.settings import DiffusionSettings
from gpu_worker.pipelines.diffusion.sizes import family_size, fitted
from gpu_worker.pipelines.engine import Watch


class KeyframeMaker:
    """Makes keyframes with the family that is set."""

    def __init__(self, settings: DiffusionSettings, models: Models, finder: FigureFinder, ladder: Ladder) -> None:
        self._settings = settings
        self._models = models
        self._finder = finder
        self._ladder = ladder

    def make(
        self, command: MakeKeyframe, inputs: Mapping[str, Path], outputs: Path, watch: Watch, *, version: str
    ) -> KeyframeMade:
        """Write keyframe and label map, both exactly of the ordered size; raises ValueError for what cannot be made."""
        watch.moved(0.0)
        model = self._models.keyframes()
        order = self._order(command, inputs, model.family)
        made, rung = self._climb(model.family, order, (command.width, command.height), watch)
        picture = fitted(made, (command.width, command.height))
        picture.save(outputs / OutputName.KEYFRAME, "PNG")
        figures = write_labels(outputs / OutputName.FIGURES, self._finder.find(picture, order.cast))
        watch.moved(1.0)
        recipe = self._recipe(model.family)
        notes = notes_of(model.family.name, model.digest, recipe, self._models.device, rung)
        notes |= {"seed": command.seed, "finder": self._finder.name, "made_size": f"{made.width}x{made.height}"}
        notes |= cast_notes(order.cast, model.family.shown(order.cast))
        return KeyframeMade(figures=figures, engine_version=version, notes=notes)

    def _order(self, command: MakeKeyframe, inputs: Mapping[str, Path], family: KeyframeFamily) -> KeyframeOrder:
        frame = (command.width, command.height)
        width, height = family_size(frame, family.capabilities)
        scale = self._settings.reference_scale
        return KeyframeOrder(
            prompt=prompt_of(command.shot, self._settings.negative),
            width=width,
            height=height,
            seed=command.seed,
            cast=cast_of(command.shot, inputs, frame, reference_scale=scale),
        )

    def _recipe(self, family: KeyframeFamily) -> Recipe:
        return self._settings.recipe(family.capabilities.recipe)

    def _climb(
        self, family: KeyframeFamily, order: KeyframeOrder, frame: tuple[int, int], watch: Watch
    ) -> tuple[Image, Rung]:
        can, device, recipe = family.capabilities, self._models.device.name, self._recipe(family)
        can_shrink = can.pixels_native * SMALLER_SHARE >= can.pixels_min
        width, height = family_size(frame, can, share=SMALLER_SHARE) if can_shrink else (order.width, order.height)
        smaller = replace(order, width=width, height=height)

        def make(rung: Rung) -> Image:
            on_step = steps_seen(self._settings, family.name, recipe.steps, watch)
            on_step = self._models.denoising.timed(on_step, recipe.steps)
            [made] = family.make([smaller if rung is Rung.SMALLER else order], recipe, on_step)
            return made

        return self._ladder.climb(
            f"{family.name} {order.width}x{order.height}",
            rungs_for(device, batch=1, can_shrink=can_shrink),
            lambda rung: prepare(family.pipeline, rung, device),
            make,
        )


def steps_seen(settings: DiffusionSettings, space: str, steps: int, watch: Watch) -> OnStep:
    """Tell the watch of every step, and show it a preview every few; what the watch raises stops the family."""

    def on_step(step: int, latents: torch.Tensor | None) -> None:
        is_shown = settings.preview_steps > 0 and (step + 1) % settings.preview_steps == 0 and step + 1 < steps
        if is_shown and latents is not None:
            watch.shown(preview_jpeg(latents, space, side=settings.preview_side))
        watch.moved((step + 1) / (steps + 1))

    return on_step
