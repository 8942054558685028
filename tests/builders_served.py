"""What a worker says of the models that its engines have been given."""

from typing import Literal

from contracts.protocol import FrameCounts, PictureSize, ServedModel


def served_model(
    family: str = "stable_diffusion",
    *,
    engine: str = "diffusion",
    makes: Literal["keyframe", "clip"] = "keyframe",
    frames: FrameCounts | None = None,
) -> ServedModel:
    return ServedModel(
        engine=engine,
        makes=makes,
        family=family,
        sizes=[PictureSize(width=672, height=384)],
        frames=frames,
        references_max=4,
        cast_max=6,
        adapters="several",
        has_regions=True,
        has_first_frame=False,
        has_last_frame=False,
        has_previews=True,
        can_halt=True,
    )
