"""One shot being made, segment by segment, each on the lowest rung of the memory's ladder that holds it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import torch

from gpu_worker.pipelines.diffusion.family import Frames, MotionFamily, MotionOrder, Recipe
from gpu_worker.pipelines.diffusion.memory import SMALLER_SHARE, Ladder, Rung, prepare, rungs_for
from gpu_worker.pipelines.diffusion.meter import StepMeter
from gpu_worker.pipelines.diffusion.pace import Pace, fit
from gpu_worker.pipelines.diffusion.previews import preview_jpeg
from gpu_worker.pipelines.diffusion.settings import DiffusionSettings
from gpu_worker.pipelines.diffusion.sizes import family_size
from gpu_worker.pipelines.engine import Watch

MAKING = 0.9  # of the work; the rest is writing
SEEDS = 2**63
# Whose latents a family's are, for previews in true colours.
SPACES = {"animatediff": "stable_diffusion", "stable_video": "stable_diffusion"}


@dataclass(slots=True)
class Progress:
    """Tells the watch how far making and writing have come together; it never falls."""

    watch: Watch
    segments: int
    frames: int
    made: float = 0.0
    written: float = 0.0

    def stepped(self, segment: int, share: float) -> None:
        self.made = max(self.made, (segment + share) / self.segments)
        self._tell()

    def wrote(self, frames: int) -> None:
        self.written = frames / (self.frames + 1)
        self._tell()

    def _tell(self) -> None:
        self.watch.moved(MAKING * self.made + (1 - MAKING) * self.written)


@dataclass(slots=True)
class Filming:
    """Asks the family for each segment; `share` is the order's part of the native pixels, `frame` the clip's size."""

    family: MotionFamily
    order: MotionOrder
    pace: Pace
    settings: DiffusionSettings
    device: str
    ladder: Ladder
    progress: Progress
    share: float
    frame: tuple[int, int]
    meter: StepMeter = field(default_factory=StepMeter)
    rung: Rung = field(default=Rung.PLAIN)  # the highest that was needed

    @property
    def recipe(self) -> Recipe:
        return self.settings.motion_recipe(self.family.capabilities.recipe)

    def segments(self) -> Iterator[Frames]:
        """Each starts from the keyframe, with chance of its own."""
        for number in range(self.pace.segments):
            returns = self.pace.comes_back and number < self.pace.segments - 1
            last = self.order.keyframe if returns else None
            yield self._made(number, replace(self.order, seed=(self.order.seed + number) % SEEDS, last=last))

    def _made(self, number: int, order: MotionOrder) -> Frames:
        can = self.family.capabilities
        can_shrink = can.pixels_native * self.share * SMALLER_SHARE >= can.pixels_min
        rungs = rungs_for(self.device, batch=1, can_shrink=can_shrink)

        def make(rung: Rung) -> Frames:
            return self.family.animate(
                self._smaller(order) if rung is Rung.SMALLER else order,
                self.recipe,
                self.meter.timed(partial(self._stepped, number), self.recipe.steps),
            )

        key = f"{self.family.name} {order.width}x{order.height}x{order.frames}"
        made, rung = self.ladder.climb(key, rungs, lambda rung: prepare(self.family.pipeline, rung, self.device), make)
        self.rung = max(self.rung, rung)
        return np.asarray([fit(picture, (order.width, order.height)) for picture in made], np.uint8)

    def _smaller(self, order: MotionOrder) -> MotionOrder:
        width, height = family_size(self.frame, self.family.capabilities, share=self.share * SMALLER_SHARE)
        return replace(order, width=width, height=height)

    def _stepped(self, number: int, step: int, latents: torch.Tensor | None) -> None:
        steps, every = self.recipe.steps, self.settings.preview_steps
        if latents is not None and every > 0 and (step + 1) % every == 0 and step + 1 < steps:
            space = SPACES.get(self.family.name, self.family.name)
            self.progress.watch.shown(preview_jpeg(latents, space, side=self.settings.preview_side))
        self.progress.stepped(number, (step + 1) / steps)
