"""From commands for keyframes to their pictures and label maps, in batches where they are alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from PIL.Image import Image

from contracts.commands import KeyframeMade, MakeKeyframe, OutputName
from gpu_worker.pipelines.diffusion.cast import cast_of, heard_by
from gpu_worker.pipelines.diffusion.family import FamilyCapabilities, KeyframeFamily, KeyframeOrder, OnStep, Recipe
from gpu_worker.pipelines.diffusion.figures import FigureFinder, write_labels
from gpu_worker.pipelines.diffusion.memory import SMALLER_SHARE, Ladder, Rung, prepare, rungs_for
from gpu_worker.pipelines.diffusion.models import Model, Models
from gpu_worker.pipelines.diffusion.previews import preview_jpeg
from gpu_worker.pipelines.diffusion.prompts import prompt_of
from gpu_worker.pipelines.diffusion.record import Notes, cast_notes, notes_of
from gpu_worker.pipelines.diffusion.settings import DiffusionSettings
from gpu_worker.pipelines.diffusion.sizes import family_size, fitted
from gpu_worker.pipelines.engine import Assignment, Watch


@dataclass(frozen=True, slots=True)
class Wanted:
    """A keyframe that can be made: its place among the answers, what was asked, and the family's order for it.

    `left_out` says which of the cast's adapters are not in the order, and why.
    """

    place: int
    command: MakeKeyframe
    assignment: Assignment
    order: KeyframeOrder
    left_out: Mapping[int, str]

    @property
    def frame(self) -> tuple[int, int]:
        return self.command.width, self.command.height


class KeyframeMaker:
    """Makes keyframes with the family that is set."""

    def __init__(self, settings: DiffusionSettings, models: Models, finder: FigureFinder, ladder: Ladder) -> None:
        self._settings = settings
        self._models = models
        self._finder = finder
        self._ladder = ladder

    def make_many(self, assignments: Sequence[Assignment], *, version: str) -> list[KeyframeMade | ValueError]:
        """Write keyframes and label maps of exactly the ordered sizes; answer a ValueError for what cannot be made."""
        for assignment in assignments:
            assignment.watch.moved(0.0)
        model = self._models.keyframes()
        came: dict[int, KeyframeMade | ValueError] = {}
        wanted: list[Wanted] = []
        for place, assignment in enumerate(assignments):
            try:
                wanted.append(self._wanted(place, assignment, model.family))
            except ValueError as refused:
                came[place] = refused
        for batch in batches(wanted, model.family.capabilities.batch_max):
            came |= self._make_batch(model, batch, version)
        return [came[place] for place in range(len(assignments))]

    def _wanted(self, place: int, assignment: Assignment, family: KeyframeFamily) -> Wanted:
        command = assignment.command
        if not isinstance(command, MakeKeyframe):
            raise ValueError(f"To {command.kind.replace('_', ' ')} is no part of a batch.")  # noqa: TRY004 - told as such
        frame = (command.width, command.height)
        width, height = family_size(frame, family.capabilities)
        scale = self._settings.reference_scale
        heard = heard_by(command.shot, assignment.inputs, family.misfit)
        order = KeyframeOrder(
            prompt=prompt_of(heard.plan, self._settings.negative),
            width=width,
            height=height,
            seed=command.seed,
            cast=cast_of(heard, assignment.inputs, frame, reference_scale=scale),
        )
        return Wanted(place, command, assignment, order, heard.left_out)

    def _make_batch(
        self, model: Model[KeyframeFamily], batch: Sequence[Wanted], version: str
    ) -> dict[int, KeyframeMade | ValueError]:
        family = model.family
        pictures, rung = self._climb(family, batch)
        notes = notes_of(family.name, model.digest, self._recipe(family), self._models.device, rung)
        notes["batch"] = rung.together(len(batch))
        return {
            each.place: self._kept(each, picture, family.shown(each.order.cast), notes, version)
            for each, picture in zip(batch, pictures, strict=True)
        }

    def _kept(self, wanted: Wanted, made: Image, shown: Sequence[int], notes: Notes, version: str) -> KeyframeMade:
        picture, outputs = fitted(made, wanted.frame), wanted.assignment.outputs
        picture.save(outputs / OutputName.KEYFRAME, "PNG")
        figures = write_labels(outputs / OutputName.FIGURES, self._finder.find(picture, wanted.order.cast))
        wanted.assignment.watch.moved(1.0)
        about: Notes = {"seed": wanted.command.seed, "finder": self._finder.name}
        about |= {"made_size": f"{made.width}x{made.height}"}
        about |= cast_notes(wanted.order.cast, shown, wanted.left_out)
        return KeyframeMade(figures=figures, engine_version=version, notes=notes | about)

    def _recipe(self, family: KeyframeFamily) -> Recipe:
        return self._settings.recipe(family.capabilities.recipe)

    def _climb(self, family: KeyframeFamily, batch: Sequence[Wanted]) -> tuple[list[Image], Rung]:
        can, device, order = family.capabilities, self._models.device.name, batch[0].order
        can_shrink = can.pixels_native * SMALLER_SHARE >= can.pixels_min

        def make(rung: Rung) -> list[Image]:
            parts = split(batch, rung.together(len(batch)))
            return [picture for part in parts for picture in self._made(family, part, rung)]

        return self._ladder.climb(
            f"{family.name} {order.width}x{order.height}x{len(batch)}",
            rungs_for(device, batch=len(batch), can_shrink=can_shrink),
            lambda rung: prepare(family.pipeline, rung, device),
            make,
        )

    def _made(self, family: KeyframeFamily, part: Sequence[Wanted], rung: Rung) -> list[Image]:
        recipe = self._recipe(family)
        on_step = steps_seen(self._settings, family.name, recipe.steps, [each.assignment.watch for each in part])
        on_step = self._models.denoising.timed(on_step, recipe.steps, pictures=len(part))
        is_smaller = rung is Rung.SMALLER
        return family.make(
            [smaller(each, family.capabilities) if is_smaller else each.order for each in part], recipe, on_step
        )


def batches(wanted: Sequence[Wanted], most: int) -> Iterator[Sequence[Wanted]]:
    """What one call of a family makes: pictures of one size, for which the same adapters speak as strongly."""
    alike: dict[object, list[Wanted]] = {}
    for each in wanted:
        adapters = tuple((figure.adapter.sha256, figure.adapter.scale) for figure in each.order.cast if figure.adapter)
        alike.setdefault((each.order.width, each.order.height, adapters), []).append(each)
    for group in alike.values():
        yield from split(group, most)


def split(batch: Sequence[Wanted], size: int) -> Iterator[Sequence[Wanted]]:
    for start in range(0, len(batch), size):
        yield batch[start : start + size]


def smaller(wanted: Wanted, can: FamilyCapabilities) -> KeyframeOrder:
    width, height = family_size(wanted.frame, can, share=SMALLER_SHARE)
    return replace(wanted.order, width=width, height=height)


def steps_seen(settings: DiffusionSettings, space: str, steps: int, watches: Sequence[Watch]) -> OnStep:
    """Tell each watch of every step, and show it its own preview every few; what one raises stops the family."""

    def on_step(step: int, latents: torch.Tensor | None) -> None:
        is_shown = settings.preview_steps > 0 and (step + 1) % settings.preview_steps == 0 and step + 1 < steps
        for number, watch in enumerate(watches):
            if is_shown and latents is not None:
                watch.shown(preview_jpeg(latents[number : number + 1], space, side=settings.preview_side))
            watch.moved((step + 1) / (steps + 1))

    return on_step
