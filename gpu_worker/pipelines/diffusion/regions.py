"""Where in the frame each of the cast belongs, by the grammar of shots that the animatic is composed by."""

from collections.abc import Sequence

from contracts.commands import ShotPlan
from gpu_worker.pipelines.animatic.composition import Shape, compose

Region = tuple[float, float, float, float]  # left, top, right, bottom as shares of the frame
# A figure whose drawing is not known: heads across and heads tall, as in a storybook.
ACROSS, TALL = 2.0, 3.25
MARGIN = 0.12  # of the figure's width and height, since a model does not draw to the line


def regions_of(plan: ShotPlan, frame: tuple[int, int]) -> list[Region]:
    """Answer a region for each of the plan's cast, in its order."""
    shapes = [Shape(ACROSS, TALL, 0, member.placement, member.is_speaking) for member in plan.cast]
    found: dict[int, Region] = {}
    for place in compose(shapes, plan.size, frame, 1):
        half = place.head * ACROSS / 2 * (1 + MARGIN)
        above = place.head * TALL * MARGIN / 2
        corners = (place.centre - half, place.top - above, place.centre + half, place.feet + above)
        found[place.index] = _within(corners, frame)
    return [found[index] for index in range(len(plan.cast))]


def box_of(region: Region, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The region in whole pixels of a picture of this size, at least one pixel wide and high."""
    width, height = size
    left, top = min(int(region[0] * width), width - 1), min(int(region[1] * height), height - 1)
    return left, top, max(left + 1, round(region[2] * width)), max(top + 1, round(region[3] * height))


def _within(corners: Sequence[float], frame: tuple[int, int]) -> Region:
    left, top, right, bottom = (
        min(1.0, max(0.0, value / side)) for value, side in zip(corners, (*frame, *frame), strict=True)
    )
    return left, top, right, bottom
