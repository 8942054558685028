"""Engines as data: what each can do, what it costs, how long it takes."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.jobs.models import Queue
from domain.renders.budgets import Cost
from domain.renders.errors import EngineUnknown
from domain.renders.ladder import Ladder
from domain.renders.settings import FrameSize, RenderSettings
from domain.renders.states import Rung


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can and cannot do; `pastes_references` says that a copy of a reference is its normal result.

    `references_max` is how many pictures of a character it heeds; 0 says that it takes what there is. `reads_words`
    says that it makes pictures from English words. `rungs` is its identity ladder: with what each further take of a
    round is made, as far as a shot's cast and the other engines allow.
    """

    pastes_references: bool = False
    draws_captions: bool = False
    draws_slates: bool = False
    animates_from_keyframe: bool = True
    is_deterministic: bool = False
    reads_words: bool = False
    cast_max: int = 6
    references_max: int = 0
    takes_adapters: bool = False
    shows_previews: bool = False
    stops_at_a_step: bool = False
    rungs: tuple[Rung, ...] = (Rung.FIRST_SEED, Rung.NEW_SEED)


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine: `version` is part of every digest, so raising it makes all shots stale.

    `speed` is the seconds of work for one second of film at 1280x720 and 24 frames a second.
    """

    name: str
    version: str
    queue: Queue
    description: str
    capabilities: Capabilities
    credits_per_keyframe: int = 0
    credits_per_second: int = 0
    speed: float = 1.0
    keyframe_seconds: float = 0.5

    @property
    def ladder(self) -> Ladder:
        return Ladder(self.capabilities.rungs)

    def keyframe_cost(self) -> Cost:
        return Cost(seconds=0.0, credits=self.credits_per_keyframe)

    def clip_cost(self, seconds: float, settings: RenderSettings) -> Cost:
        """What a clip of a shot of this length costs: its slate is film that is made, but takes no credits."""
        return Cost(settings.film_seconds_of(seconds), credits=round(self.credits_per_second * seconds))

    def keyframe_work(self, frame: FrameSize) -> float:
        """Seconds of work for a keyframe of this size."""
        return self.keyframe_seconds * _pixels(frame)

    def clip_work(self, seconds: float, settings: RenderSettings) -> float:
        """Seconds of work for a clip of this length, size and frame rate."""
        return self.speed * seconds * _pixels(settings.frame) * settings.frames_per_second / 24


def _pixels(frame: FrameSize) -> float:
    """Pixels of the frame as a share of 1280x720."""
    return frame.width * frame.height / (1280 * 720)


@dataclass(frozen=True, slots=True)
class EngineCatalogue:
    """The engines that can be ordered here; `trainer` is the one that trains adapters, where there is one."""

    engines: tuple[Engine, ...]
    trainer: str | None = None

    @classmethod
    def of(cls, engines: Iterable[Engine]) -> "EngineCatalogue":
        return cls(tuple(engines))

    def next_after(self, engine: Engine) -> Engine | None:
        """The engine that stands after that one, the first after the last; None where there is no other."""
        names = [each.name for each in self.engines]
        place = names.index(engine.name) + 1
        others = [each for each in (*self.engines[place:], *self.engines[:place]) if each.name != engine.name]
        return others[0] if others else None

    def get(self, name: str) -> Engine:
        """Answer the engine; raises EngineUnknown."""
        for engine in self.engines:
            if engine.name == name:
                return engine
        known = ", ".join(engine.name for engine in self.engines)
        raise EngineUnknown(f"There is no engine '{name}'; there is: {known}.", field="engine")
