"""Where renders stand among the jobs: what of them waits and runs, what is before it, and what is still to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from uuid import UUID

from domain.identifiers import RenderId
from domain.jobs.models import Queue
from domain.jobs.queue_look import Ahead
from domain.jobs.run_times import Workload
from domain.renders.engines import Engine
from domain.renders.models import Render
from domain.renders.states import RenderState, ShotState
from domain.renders.walk import Step
from domain.renders.workloads import ShotMeasure, join_workload, step_workload, steps_from


@dataclass(frozen=True, slots=True)
class Place:
    """The render's first job that waits to be picked, and what its own workspace has before it."""

    job_id: UUID
    rank: float
    before: Ahead


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """A render in one queue, and its workspace there: weight, cap, fair time, and all that it has queued.

    `running_longest` is what is left of the longest that runs.
    """

    weight: float = 1.0
    running_max: int = 1
    fair_time: float = 0.0
    workspace_seconds: float = 0.0
    place: Place | None = None
    running: int = 0
    running_longest: float = 0.0
    waiting: int = 0
    waiting_longest: float = 0.0
    has_dispatched: bool = False
    delay_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ShotGroup:
    """Shots of a render that stand at the same place and take the same work."""

    state: ShotState
    measure: ShotMeasure
    shots: int


@dataclass(frozen=True, slots=True)
class ToCome:
    """Work that is no job yet: seconds by queue, the longest that one shot still needs one after another, the join."""

    seconds: Mapping[Queue, float]
    longest: float
    join_seconds: float
    is_measured: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """One render, all that is known of it."""

    render: Render
    engine: Engine
    queues: Mapping[Queue, QueueStanding]
    shots: Sequence[ShotGroup]
    measured: Mapping[Workload, float] = field(default_factory=dict[Workload, float])

    def with_measured(self, measured: Mapping[Workload, float]) -> "Standing":
        return replace(self, measured=measured)

    def workloads(self) -> frozenset[Workload]:
        """Each sort of work that is still to be done or in the making."""
        steps = [each for group in self.shots for each in self._steps(group, Step.KEYFRAME)]
        return frozenset([*steps, self._join()])

    def to_come(self) -> ToCome:
        """What is no job yet. Shots that wait may have takes already: what was ordered says how many are to be made."""
        seconds: dict[Queue, float] = {}
        longest = 0.0
        share = self._stale_share()
        for group in self.shots:
            step = FIRST_TO_COME.get(group.state)
            works = self._steps(group, step) if step else ()
            count = group.shots * (share if group.state is ShotState.WAITING else 1.0)
            for work in works:
                seconds[work.queue] = seconds.get(work.queue, 0.0) + count * work.seconds(self.measured)
            if count:
                longest = max(longest, sum(work.seconds(self.measured) for work in works))
        join = 0.0 if self.render.state is RenderState.JOINING else self._join().seconds(self.measured)
        return ToCome(seconds, longest, join, self.workloads() <= self.measured.keys())

    def _stale_share(self) -> float:
        """How much of the film that waits is to be made: what was ordered less what was, or is being, made."""
        waiting = self._film_seconds(frozenset({ShotState.WAITING}))
        left = self.render.committed.seconds - self.render.spent.seconds - self._film_seconds(BEFORE_CLIP)
        return min(1.0, max(0.0, left / waiting)) if waiting else 0.0

    def _film_seconds(self, states: frozenset[ShotState]) -> float:
        length = self.render.settings.film_seconds_of
        return sum(group.shots * length(group.measure.seconds) for group in self.shots if group.state in states)

    def _steps(self, group: ShotGroup, step: Step) -> Sequence[Workload]:
        settings = self.render.settings
        steps = steps_from(step, group.measure, engine=self.engine, settings=settings)
        return [step_workload(each, group.measure, engine=self.engine, settings=settings) for each in steps]

    def _join(self) -> Workload:
        settings = self.render.settings
        shots = sum(group.shots for group in self.shots)
        frames = sum(
            group.shots * (settings.slate_frames + settings.frames_of(group.measure.seconds)) for group in self.shots
        )
        return join_workload(shots=shots, frames=frames, settings=settings)


FIRST_TO_COME = {
    ShotState.WAITING: Step.KEYFRAME,
    ShotState.MAKING_KEYFRAME: Step.KEYFRAME_JUDGEMENT,
    ShotState.JUDGING_KEYFRAME: Step.CLIP,
    ShotState.ANIMATING: Step.CLIP_JUDGEMENT,
}
BEFORE_CLIP = frozenset({ShotState.MAKING_KEYFRAME, ShotState.JUDGING_KEYFRAME, ShotState.ANIMATING})


class RenderStandings(Protocol):
    """Reads of the transaction's workspace, in a constant number of statements."""

    async def queues_of_many(self, render_ids: Sequence[RenderId]) -> Mapping[RenderId, Mapping[Queue, QueueStanding]]:
        """For each render its standing in every queue."""
        ...

    async def shots_of_many(self, render_ids: Sequence[RenderId]) -> Mapping[RenderId, Sequence[ShotGroup]]: ...
