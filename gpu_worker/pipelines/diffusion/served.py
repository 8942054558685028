"""What the models that are set can do, as data for those who choose an engine."""

from collections.abc import Sequence

from contracts.protocol import FrameCounts, PictureSize, ServedModel
from gpu_worker.pipelines.diffusion.family import FamilyCapabilities
from gpu_worker.pipelines.diffusion.models import Made, Models
from gpu_worker.pipelines.diffusion.settings import DiffusionSettings, variable
from gpu_worker.pipelines.diffusion.sizes import family_size, motion_share
from gpu_worker.weights.errors import WeightsRefused

SHAPES = ((16, 9), (9, 16), (1, 1))  # of films


def served_models(engine: str, models: Models, settings: DiffusionSettings) -> Sequence[ServedModel]:
    """Say what each model can do that is set, without loading one.

    Raises WeightsRefused for weights of another family, and for pixels that are fewer than the family can make.
    """
    return [
        ServedModel(
            engine=engine,
            makes=made,
            family=family,
            sizes=sizes_of(made, can, settings),
            frames=frames_of(can) if made == "clip" else None,
            references_max=can.references_max,
            pictures_max=can.pictures_max or None,
            cast_max=can.cast_max,
            adapters=can.adapters.value,
            has_regions=can.has_regions,
            has_first_frame=can.has_first_frame,
            has_last_frame=can.has_last_frame,
            has_previews=can.has_previews and settings.preview_steps > 0,
            can_halt=can.can_halt,
        )
        for made, (family, can) in models.can_make().items()
    ]


def frames_of(can: FamilyCapabilities) -> FrameCounts:
    return FrameCounts(
        minimum=can.frames_min, maximum=can.frames_max, step=can.frames_step, per_second=can.frames_per_second
    )


def sizes_of(made: Made, can: FamilyCapabilities, settings: DiffusionSettings) -> list[PictureSize]:
    """The sizes that frames of each shape are made in."""
    share = motion_share(settings.motion_pixels, can) if made == "clip" else 1.0
    try:
        sizes = [family_size(shape, can, share=share) for shape in SHAPES]
    except ValueError as refused:
        raise WeightsRefused(variable("motion_pixels"), str(refused)) from refused
    return [PictureSize(width=width, height=height) for width, height in sizes]
