"""The cast of a shot as a family takes it: references on white, regions, adapters that were checked."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from contracts.commands import CastFigure, ShotPlan
from gpu_worker.pipelines.diffusion.adapters import AdapterRefused
from gpu_worker.pipelines.diffusion.family import CastInPicture, LoadedAdapter
from gpu_worker.pipelines.diffusion.prompts import called
from gpu_worker.pipelines.diffusion.regions import regions_of
from gpu_worker.pipelines.finishing.squares import on_white_square
from gpu_worker.weights.checking import check_file, digest_of_file
from gpu_worker.weights.errors import WeightsRefused

MARGIN = 0.04  # of the longer side, around a reference
SOLID = [0] * 8 + [255] * 248  # an alpha below 8 is no figure


class Heard(NamedTuple):
    """A plan without the adapters that the model cannot hear, those it can, and why the others are left out.

    `adapters` has one place for each of the cast; `left_out` is by the place in the cast, from 1.
    """

    plan: ShotPlan
    adapters: Sequence[LoadedAdapter | None]
    left_out: Mapping[int, str]


def cast_of(
    heard: Heard, inputs: Mapping[str, Path], frame: tuple[int, int], *, reference_scale: float
) -> tuple[CastInPicture, ...]:
    """Answer the plan's cast in its order; raises ValueError for an input that is missing or cannot be read."""
    regions = regions_of(heard.plan, frame)
    return tuple(
        CastInPicture(
            name=member.name,
            references=tuple(reference_on_white(_given(inputs, name, member)) for name in member.cut_outs),
            region=region,
            reference_scale=reference_scale if member.reference_scale is None else member.reference_scale,
            adapter=adapter,
            called=called(member),
        )
        for member, region, adapter in zip(heard.plan.cast, regions, heard.adapters, strict=True)
    )


def heard_by(plan: ShotPlan, inputs: Mapping[str, Path], misfit: Callable[[LoadedAdapter], str]) -> Heard:
    """Check the cast's adapters and leave out what the model cannot hear, trigger words too.

    A film goes on by the cast's pictures when the lab's models were changed; raises ValueError for what is broken.
    """
    adapters = [_adapter(member, inputs) for member in plan.cast]
    found = {number: misfit(adapter) for number, adapter in enumerate(adapters, start=1) if adapter is not None}
    left_out = {number: reason for number, reason in found.items() if reason}
    cast = [
        member.model_copy(update={"adapter": None}) if number in left_out else member
        for number, member in enumerate(plan.cast, start=1)
    ]
    kept = [None if number in left_out else adapter for number, adapter in enumerate(adapters, start=1)]
    return Heard(plan.model_copy(update={"cast": cast}), kept, left_out)


def reference_on_white(path: Path) -> Image.Image:
    """The figure of a cut-out in the middle of a white square, since image encoders look at the middle square alone."""
    try:
        cut_out = Image.open(path).convert("RGBA")
    except (UnidentifiedImageError, OSError) as broken:
        raise ValueError(f"The cut-out {path.name} cannot be read ({broken}).") from broken
    box = cut_out.getchannel("A").point(SOLID).getbbox()
    figure = cut_out.crop(box) if box else cut_out
    return on_white_square(figure, round(max(figure.size) * (1 + 2 * MARGIN)))


def _adapter(member: CastFigure, inputs: Mapping[str, Path]) -> LoadedAdapter | None:
    if member.adapter is None:
        return None
    path = _given(inputs, member.adapter.weights, member)
    try:
        check_file(path, f"The adapter of {member.name}")
    except WeightsRefused as refused:
        raise AdapterRefused(str(refused)) from refused
    return LoadedAdapter(path, digest_of_file(path), member.adapter.scale)


def _given(inputs: Mapping[str, Path], name: str, member: CastFigure) -> Path:
    if name not in inputs:
        raise ValueError(f"The input {name} of {member.name} was not given.")
    return inputs[name]
