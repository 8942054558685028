"""What a render would do, shot by shot, before anyone orders it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.identifiers import ShotId
from domain.renders.budgets import Cost
from domain.renders.drafts import Draft, Foresight
from domain.renders.engines import Engine
from domain.renders.planning import keyframe_size
from domain.renders.settings import RenderSettings
from domain.renders.staleness import StaleReason, stale_reasons
from domain.renders.states import ShotState
from domain.renders.walk import Step

# Judging and joining on one core with the built-in embedder: estimates, good enough to say minutes from hours.
JUDGEMENT_SECONDS = 0.5
JOIN_SECONDS_PER_SHOT = 0.1


@dataclass(frozen=True, slots=True)
class ShotQuote:
    """One shot: whether it has its take already, why not, and what it would cost in money and time."""

    shot_id: ShotId
    number: int
    is_fresh: bool
    reasons: tuple[StaleReason, ...]
    cost: Cost = field(default_factory=Cost)
    work_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Quote:
    """The whole render: `work_seconds` is for one worker; more of them share it."""

    storyboard_version: int
    film_seconds: float
    shots: Sequence[ShotQuote]

    @property
    def cost(self) -> Cost:
        return sum((shot.cost for shot in self.shots), Cost())

    @property
    def work_seconds(self) -> float:
        return sum(shot.work_seconds for shot in self.shots) + JOIN_SECONDS_PER_SHOT * len(self.shots)

    @property
    def stale(self) -> int:
        return sum(not shot.is_fresh for shot in self.shots)


def quote_of(draft: Draft) -> Quote:
    settings = draft.render.settings
    frames = sum(foresight.order.frames for foresight in draft.foresights)
    return Quote(
        storyboard_version=draft.render.snapshot.storyboard_version,
        film_seconds=frames / settings.frames_per_second,
        shots=[_quote_shot(foresight, draft.engine, settings) for foresight in draft.foresights],
    )


def _quote_shot(foresight: Foresight, engine: Engine, settings: RenderSettings) -> ShotQuote:
    frozen, wanted = foresight.shot.shot, foresight.wanted
    if wanted is None:
        is_taken = foresight.shot.state is ShotState.TAKEN
        reasons = () if is_taken else (StaleReason.REFUSED_BY_GATE,)
        return ShotQuote(frozen.id, frozen.number, is_fresh=is_taken, reasons=reasons)
    needs_keyframe = wanted.step is Step.KEYFRAME
    needs_clip = wanted.step is not Step.CLIP_JUDGEMENT and not foresight.has_clip
    seconds = frozen.content.seconds
    cost, work = Cost(), 2 * JUDGEMENT_SECONDS
    if needs_keyframe:
        frame = keyframe_size(settings.frame, frozen.content.size)
        cost, work = cost + engine.keyframe_cost(), work + engine.keyframe_work(frame)
    if needs_clip:
        length = seconds + settings.slate_frames / settings.frames_per_second
        cost, work = cost + engine.clip_cost(seconds), work + engine.clip_work(length, settings)
    reasons = stale_reasons(foresight.order, foresight.before)
    return ShotQuote(frozen.id, frozen.number, is_fresh=False, reasons=reasons, cost=cost, work_seconds=work)
