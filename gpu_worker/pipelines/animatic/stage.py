"""What every painter of a scene works with: the light, the dice and the layers from far to near."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from numpy.random import Generator, default_rng

from contracts.commands import SettingPlan
from gpu_worker.pipelines.animatic.light import Colour, Light
from gpu_worker.pipelines.animatic.surface import Paint, Surface


@dataclass(slots=True)
class Stage:
    """A scene in the making. `horizon` is the eye level in world units; figures stand at depth 1.

    `rng` is the place's own: all that is drawn from it, and how often, is the same in every light. What the light has a
    say in is drawn from `dice`.
    """

    setting: SettingPlan
    light: Light
    seeds: Sequence[int]
    size: tuple[int, int]
    horizon: float = 0.58
    surfaces: list[Surface] = field(default_factory=list[Surface])
    rng: Generator = field(init=False)
    # World rows (top, bottom) and strength of glitter on water, and the depth of the layer that it is on.
    glitter: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        self.rng = default_rng(self.seeds)

    def dice(self, use: int) -> Generator:
        """A generator apart from `rng`, each use with a number of its own."""
        return default_rng([*self.seeds, use])

    @property
    def aspect(self) -> float:
        """The width in world units."""
        return self.size[0] / self.size[1]

    @property
    def unit(self) -> float:
        """The scale of things: smaller in a tall, narrow picture so that it still shows several of them."""
        return min(1.0, 0.35 + 0.40 * self.aspect)

    def layer(self, depth: float, strokes: float = 0.06) -> Surface:
        """A new, empty layer before all painted so far; depth 0 is the sky, 1 where the figures stand."""
        surface = Surface(self.size, depth=depth, strokes=strokes)
        self.surfaces.append(surface)
        return surface

    def paint(self, albedo: Colour, *, distance: float = 0.0, lit: float = 0.5) -> Paint:
        """Even paint for a surface in this light."""
        colour = self.light.shade(albedo, distance, lit)
        return Paint(colour, colour)

    def slope(
        self,
        albedo: Colour,
        span: tuple[float, float],
        *,
        distance: float = 0.0,
        lit: tuple[float, float] = (0.75, 0.25),
    ) -> Paint:
        """Paint that darkens from the top of `span` to its bottom."""
        top, bottom = self.light.shade(albedo, distance, lit[0]), self.light.shade(albedo, distance, lit[1])
        return Paint(top, bottom, span[0], span[1])
