"""From the ordered size to one that a family makes well, and back."""

import math

from PIL.Image import Image, Resampling

from gpu_worker.pipelines.diffusion.family import FamilyCapabilities


def family_size(ordered: tuple[int, int], can: FamilyCapabilities, *, share: float = 1.0) -> tuple[int, int]:
    """Answer the width and height, px, of about the family's native area times `share`, as near the ordered aspect as
    its multiples allow.

    Raises ValueError for a share that leaves less than the family can make.
    """
    pixels = can.pixels_native * share
    if pixels < can.pixels_min:
        raise ValueError("This size is smaller than the model can make.")
    step, aspect = can.size_multiple, ordered[0] / ordered[1]
    ideal = math.sqrt(pixels / aspect) / step  # height in multiples
    heights = {max(1, math.floor(ideal)), max(1, math.ceil(ideal))}
    sizes = [(max(1, round(height * aspect)) * step, height * step) for height in sorted(heights)]
    return min(sizes, key=lambda size: _badness(size, aspect, pixels))


def motion_share(wanted: int, can: FamilyCapabilities) -> float:
    """The share of the family's native area that so many pixels are, at most its maximum; 0 pixels leave it native."""
    return min(wanted or can.pixels_native, can.pixels_max) / can.pixels_native


def _badness(size: tuple[int, int], aspect: float, pixels: float) -> float:
    """How far off in aspect, which costs picture at the edges, and half as bad, in area."""
    width, height = size
    return abs(math.log(width / height / aspect)) + 0.5 * abs(math.log(width * height / pixels))


def fitted(made: Image, ordered: tuple[int, int]) -> Image:
    """Cut what is over in one direction, evenly, and scale to exactly the ordered size."""
    if made.size == ordered:
        return made
    aspect = ordered[0] / ordered[1]
    width, height = min(made.width, made.height * aspect), min(made.height, made.width / aspect)
    left, top = (made.width - width) / 2, (made.height - height) / 2
    return made.resize(ordered, Resampling.LANCZOS, box=(left, top, left + width, top + height))
