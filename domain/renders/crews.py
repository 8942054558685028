"""Who films a render: its own engine, and the one that its identity ladder tries last."""

from dataclasses import dataclass

from domain.renders.engines import Engine, EngineCatalogue
from domain.renders.models import Render
from domain.renders.shots import RenderShot
from domain.renders.states import Rung


@dataclass(frozen=True, slots=True)
class Crew:
    """A render's engines; `other` makes keyframes alone, on the rung OTHER_ENGINE."""

    own: Engine
    other: Engine | None = None

    @classmethod
    def of(cls, render: Render, engines: EngineCatalogue) -> "Crew":
        """The engines that the render froze; raises EngineUnknown."""
        other = render.snapshot.other_engine
        return cls(engines.get(render.settings.engine), engines.get(other.name) if other else None)

    def rung_of(self, number: int, *, shot: RenderShot, render: Render) -> Rung:
        """How a take of the shot's round is made: by its place in the round, and by what can help who is cast."""
        cast = render.snapshot.cast_of(shot.shot.content)
        can_replace = self.other is not None and len(cast) <= self.other.capabilities.cast_max
        has_adapters = any(character.adapter for character in cast)
        ladder = self.own.ladder.for_shot(has_adapters=has_adapters, has_other_engine=can_replace)
        return ladder.rung_at(number - shot.first_take)

    def maker(self, rung: Rung) -> Engine:
        """Who makes the keyframe of a take on that rung; its clip is always the render's own engine's."""
        return self.other if self.other is not None and rung is Rung.OTHER_ENGINE else self.own

    def maker_of(self, number: int, *, shot: RenderShot, render: Render) -> Engine:
        """Who makes the keyframe of that take."""
        return self.maker(self.rung_of(number, shot=shot, render=render))
