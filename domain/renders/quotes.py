"""What a render would do, shot by shot, before anyone orders it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.identifiers import ShotId
from domain.jobs.run_times import Workload
from domain.renders.budgets import Cost
from domain.renders.crews import Crew
from domain.renders.drafts import Draft, Foresight
from domain.renders.engines import Engine
from domain.renders.settings import RenderSettings
from domain.renders.staleness import StaleReason, stale_reasons
from domain.renders.states import ShotState
from domain.renders.walk import Step, step_cost
from domain.renders.workloads import ShotMeasure, join_workload, step_workload, steps_from


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
    join_seconds: float

    @property
    def cost(self) -> Cost:
        return sum((shot.cost for shot in self.shots), Cost())

    @property
    def work_seconds(self) -> float:
        return sum(shot.work_seconds for shot in self.shots) + self.join_seconds

    @property
    def stale(self) -> int:
        return sum(not shot.is_fresh for shot in self.shots)


def workloads_of(draft: Draft) -> frozenset[Workload]:
    """Everything that would have to be done, each sort once."""
    steps = (_steps(each, draft.crew, draft.render.settings) for each in draft.foresights)
    return frozenset([workload for shot in steps for workload in shot.values()] + [_join(draft)])


def quote_of(draft: Draft, measured: Mapping[Workload, float]) -> Quote:
    """Quote the draft; what was not measured takes what is declared."""
    settings = draft.render.settings
    return Quote(
        storyboard_version=draft.render.snapshot.storyboard_version,
        film_seconds=_frames(draft) / settings.frames_per_second,
        shots=[_quote_shot(foresight, draft.crew, settings, measured) for foresight in draft.foresights],
        join_seconds=_join(draft).seconds(measured),
    )


def _frames(draft: Draft) -> int:
    return sum(foresight.order.frames for foresight in draft.foresights)


def _join(draft: Draft) -> Workload:
    return join_workload(shots=len(draft.shots), frames=_frames(draft), settings=draft.render.settings)


def _steps(foresight: Foresight, crew: Crew, settings: RenderSettings) -> Mapping[Step, Workload]:
    """What is still to be done for the shot, from the step that it waits for."""
    if foresight.wanted is None:
        return {}
    measure = ShotMeasure.of(foresight.shot.shot.content)
    steps = steps_from(foresight.wanted.step, measure, engine=crew.own, settings=settings)
    return {
        step: step_workload(step, measure, engine=_engine_of(step, foresight, crew), settings=settings)
        for step in steps
        if not (step is Step.CLIP and foresight.has_clip)
    }


def cost_of(foresight: Foresight, crew: Crew, settings: RenderSettings) -> Cost:
    """What is still to be done for the shot costs, without re-rolls."""
    seconds = foresight.shot.shot.content.seconds
    costs = (
        step_cost(step, engine=_engine_of(step, foresight, crew), seconds=seconds, settings=settings)
        for step in _steps(foresight, crew, settings)
    )
    return sum(costs, Cost())


def _engine_of(step: Step, foresight: Foresight, crew: Crew) -> Engine:
    """Who does the step that the shot waits for, or one after it."""
    if foresight.wanted is None or step is not Step.KEYFRAME:
        return crew.own
    return crew.maker(foresight.wanted.take.rung)


def _quote_shot(
    foresight: Foresight, crew: Crew, settings: RenderSettings, measured: Mapping[Workload, float]
) -> ShotQuote:
    frozen = foresight.shot.shot
    if foresight.wanted is None:
        is_taken = foresight.shot.state is ShotState.TAKEN
        reasons = () if is_taken else (StaleReason.REFUSED_BY_GATE,)
        return ShotQuote(frozen.id, frozen.number, is_fresh=is_taken, reasons=reasons)
    work = sum(workload.seconds(measured) for workload in _steps(foresight, crew, settings).values())
    cost, reasons = cost_of(foresight, crew, settings), stale_reasons(foresight.order, foresight.before)
    return ShotQuote(frozen.id, frozen.number, is_fresh=False, reasons=reasons, cost=cost, work_seconds=work)
