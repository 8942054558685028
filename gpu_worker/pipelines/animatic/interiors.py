"""What rooms and halls share: light inside, perspective, openings."""

from gpu_worker.pipelines.animatic.light import Colour
from gpu_worker.pipelines.animatic.shapes import Points
from gpu_worker.pipelines.animatic.stage import Stage
from gpu_worker.pipelines.animatic.surface import Paint, Surface


def indoors(stage: Stage, albedo: Colour, lit: float = 0.5) -> Colour:
    """A surface inside: daylight through windows, softened; lamplight where lamps are lit."""
    light = stage.light
    day = (
        0.70 * light.ambient[0] + 0.50 * light.key[0],
        0.70 * light.ambient[1] + 0.50 * light.key[1],
        0.70 * light.ambient[2] + 0.50 * light.key[2],
    )
    lamp = (0.80, 0.58, 0.36)
    blend = tuple(d + light.lamps * 0.72 * n for d, n in zip(day, lamp, strict=True))
    factor = 0.45 + 0.8 * lit
    return (albedo[0] * blend[0] * factor, albedo[1] * blend[1] * factor, albedo[2] * blend[2] * factor)


def coat(
    stage: Stage,
    albedo: Colour,
    span: tuple[float, float],
    lit: tuple[float, float] = (0.5, 0.5),
) -> Paint:
    """Paint for a surface inside that goes from `lit[0]` at the top of `span` to `lit[1]` at its bottom."""
    return Paint(indoors(stage, albedo, lit[0]), indoors(stage, albedo, lit[1]), span[0], span[1])


def towards(vanish: tuple[float, float], near: tuple[float, float], y: float) -> tuple[float, float]:
    """The point at height `y` on the line from `near` to the vanishing point."""
    share = (near[1] - y) / (near[1] - vanish[1])
    return near[0] + (vanish[0] - near[0]) * share, y


def opened(surface: Surface, outline: Points, soft: float = 0.0015) -> None:
    """Cut a hole, so that what lies behind the layer is seen."""
    probe = Surface((surface.width, surface.height), depth=0)
    probe.fill(outline, Paint((1, 1, 1), (1, 1, 1)), soft=soft)
    surface.rgba *= 1 - probe.rgba[..., 3:4]
