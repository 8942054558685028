"""The jobs that a shot and a film are made by, as workloads: their kinds, and what shapes how long they take."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.jobs.models import Queue
from domain.jobs.run_times import Workload
from domain.renders.engines import Engine
from domain.renders.planning import keyframe_size
from domain.renders.settings import RenderSettings
from domain.renders.walk import Step, is_judged
from domain.storyboards.models import ShotContent, ShotSize

JOB_KINDS = {
    Step.KEYFRAME: "renders.make_keyframe",
    Step.KEYFRAME_JUDGEMENT: "renders.judge_keyframe",
    Step.CLIP: "renders.animate_shot",
    Step.CLIP_JUDGEMENT: "renders.judge_clip",
}
EMBED_FIGURES = "renders.embed_figures"
JOIN_FILM = "renders.join_film"
REPORT = "renders.report"
STEPS = tuple(JOB_KINDS)
# Judging and joining on one core with the built-in embedder: good enough until they are measured.
JUDGEMENT_SECONDS = 0.5
# On a worker, its fetching of the picture included.
EMBED_SECONDS = 3.0
JOIN_SECONDS_PER_SHOT = 0.1
REPORT_SECONDS_PER_SHOT = 0.5
# An attempt is ended as a last resort, long after it was to end; a worker notices itself when a model stands still.
# What was declared says nothing of a GPU's model, which works in a size and at a rate of its own.
DEADLINE_TIMES = 20
DEADLINE_SECONDS_MIN = {Queue.INTERNAL: 900.0, Queue.CPU: 900.0, Queue.GPU: 7200.0}
JOINED_FRAMES_PER_SECOND_MIN = 50


@dataclass(frozen=True, slots=True)
class ShotMeasure:
    """What of a shot shapes how long its steps take."""

    seconds: float
    size: ShotSize
    has_cast: bool

    @classmethod
    def of(cls, content: ShotContent) -> "ShotMeasure":
        return cls(content.seconds, content.size, bool(content.cast))


def step_workload(step: Step, shot: ShotMeasure, *, engine: Engine, settings: RenderSettings) -> Workload:
    """One step of one shot; size and length are those of its command."""
    kind = JOB_KINDS[step]
    if step is Step.KEYFRAME:
        frame = keyframe_size(settings.frame, shot.size)
        return Workload(engine.queue, kind, engine.keyframe_work(frame), engine.name, frame.width * frame.height)
    if step is Step.CLIP:
        frame, frames = settings.frame, settings.slate_frames + settings.frames_of(shot.seconds)
        declared = engine.clip_work(frames / settings.frames_per_second, settings)
        return Workload(engine.queue, kind, declared, engine.name, frame.width * frame.height, frames)
    return Workload(Queue.INTERNAL, kind, JUDGEMENT_SECONDS)


def steps_from(step: Step, shot: ShotMeasure, *, engine: Engine, settings: RenderSettings) -> Sequence[Step]:
    """The step and those after it, without judgements where the gate is not asked."""
    judged = is_judged(has_cast=shot.has_cast, engine=engine, settings=settings)
    making = (Step.KEYFRAME, Step.CLIP)
    return [each for each in STEPS[STEPS.index(step) :] if judged or each in making]


def deadline_of(workload: Workload) -> float:
    """After how many seconds an attempt is given up."""
    frames = workload.frames / JOINED_FRAMES_PER_SECOND_MIN if workload.kind == JOIN_FILM else 0.0
    return max(DEADLINE_SECONDS_MIN[workload.queue], DEADLINE_TIMES * workload.declared_seconds, frames)


def embed_workload(*, space: str) -> Workload:
    """Embedding the figures of a keyframe or clip in a worker's space."""
    return Workload(Queue.GPU, EMBED_FIGURES, EMBED_SECONDS, space)


def join_workload(*, shots: int, frames: int, settings: RenderSettings) -> Workload:
    """Joining the clips of a film."""
    declared = 1.0 + JOIN_SECONDS_PER_SHOT * shots
    return Workload(Queue.INTERNAL, JOIN_FILM, declared, "", settings.frame.width * settings.frame.height, frames)


def report_workload(*, shots: int) -> Workload:
    """Reporting on a film's consistency: its clips are looked at once more."""
    return Workload(Queue.INTERNAL, REPORT, 1.0 + REPORT_SECONDS_PER_SHOT * shots)
