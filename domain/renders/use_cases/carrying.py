"""What jobs tell a render: begin, a step is done, a step failed for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import Invalid
from domain.events import Json
from domain.identifiers import RenderId, ShotId
from domain.jobs.models import StepResult
from domain.renders.crews import Crew
from domain.renders.engines import EngineCatalogue
from domain.renders.errors import RenderNotFound
from domain.renders.events import render_event, shot_event
from domain.renders.models import Render
from domain.renders.ports import RenderWork
from domain.renders.shots import RenderShot
from domain.renders.states import RenderState, ShotState
from domain.renders.use_cases.joining import settle
from domain.renders.use_cases.ordering import start_job
from domain.renders.use_cases.pursuing import Pursuit, pursue_shots
from domain.renders.walk import Step, step_cost

SHOTS_STARTED_AT_ONCE = 20

STATE_OF_STEP = {
    Step.KEYFRAME: ShotState.MAKING_KEYFRAME,
    Step.KEYFRAME_JUDGEMENT: ShotState.JUDGING_KEYFRAME,
    Step.CLIP: ShotState.ANIMATING,
    Step.CLIP_JUDGEMENT: ShotState.JUDGING_CLIP,
}


@dataclass(frozen=True, slots=True)
class StepRef:
    """Which step of which take a job was for, as its payload names it; `round` is the shot's count of retries."""

    render_id: RenderId
    shot_id: ShotId
    take_number: int
    step: Step
    digest: str
    round: int

    @classmethod
    def of(cls, payload: Mapping[str, Json]) -> "StepRef":
        """Read a job's payload; raises Invalid for one that is not of a step."""
        number, turn = payload.get("take_number"), payload.get("round")
        if not isinstance(number, int) or not isinstance(turn, int):
            raise Invalid("The job's payload names no take.")
        return cls(
            render_id=RenderId(UUID(str(payload["render_id"]))),
            shot_id=ShotId(UUID(str(payload["shot_id"]))),
            take_number=number,
            step=Step(str(payload["step"])),
            digest=str(payload["digest"]),
            round=turn,
        )

    def is_awaited_by(self, shot: RenderShot) -> bool:
        """Whether the shot still stands where the job was written down; late and second reports find it elsewhere."""
        return shot.retries == self.round and shot.is_at(self.take_number, STATE_OF_STEP[self.step])


async def start_render(work: RenderWork, *, render_id: RenderId, engines: EngineCatalogue, now: datetime) -> bool:
    """Begin the next shots of a render, one batch; answer whether more are left, for which a job is written down.

    Doing it again begins nothing twice; a render that is over, or deleted, is left alone.
    """
    render = await work.renders.lock(render_id)
    if render is None:
        return False
    if render.state is RenderState.QUEUED:
        render = render.start(now)
        await work.events.append(render_event(render, "RenderStarted"))
    if render.state is not RenderState.FILMING:
        return False
    waiting = await work.renders.waiting_shots(render.id, limit=SHOTS_STARTED_AT_ONCE + 1)
    pursuit = Pursuit(render, Crew.of(render, engines))
    await pursue_shots(work, pursuit=pursuit, shots=waiting[:SHOTS_STARTED_AT_ONCE], now=now)
    has_more = len(waiting) > SHOTS_STARTED_AT_ONCE
    if has_more:
        await work.jobs.enqueue(start_job(work, render.workspace_id, render.id))
    return has_more


async def record_step(
    work: RenderWork, *, ref: StepRef, result: StepResult, engines: EngineCatalogue, now: datetime
) -> None:
    """Keep what a step made and carry its shot on; a second or late report changes nothing.

    Nothing is kept for a render that was canceled or deleted: the sweep removes what the worker put.
    """
    render = await work.renders.lock(ref.render_id)
    if render is None or render.state is RenderState.CANCELED:
        return
    await work.steps.record(render.workspace_id, result)
    shot = await _find_shot(work, ref)
    if shot is None or render.state.is_final or not ref.is_awaited_by(shot):
        return
    crew = Crew.of(render, engines)
    maker = crew.maker_of(ref.take_number, shot=shot, render=render)
    engine = maker if ref.step is Step.KEYFRAME else crew.own
    seconds, settings = shot.shot.content.seconds, render.settings
    render = render.spend(step_cost(ref.step, engine=engine, seconds=seconds, settings=settings))
    await pursue_shots(work, pursuit=Pursuit(render, crew, ref.digest), shots=[shot], now=now)


async def fail_step(work: RenderWork, *, ref: StepRef, reason: str, now: datetime) -> None:
    """A step failed for good: its shot fails, and the render with it once all other shots are done.

    There is nobody to tell where the render was deleted.
    """
    render = await work.renders.lock(ref.render_id)
    shot = await _find_shot(work, ref)
    if render is None or shot is None or render.state.is_final or not ref.is_awaited_by(shot):
        return
    failed = shot.fail(reason)
    await work.renders.save_shots([failed])
    await work.events.append(shot_event(render, failed, "ShotFailed", reason=reason, step=ref.step.value))
    await settle(work, render=render, now=now)


async def revive_step(work: RenderWork, *, ref: StepRef, now: datetime) -> bool:
    """The job of a failed step is to run again: its shot waits for it again, and a failed render films again.

    False, with nothing changed, where the shot has moved on: it was retried or re-rolled since, or the render is over
    otherwise or gone; and where its cast has lost pictures since.
    """
    render = await work.renders.lock(ref.render_id)
    shot = await _find_shot(work, ref)
    if render is None or shot is None or render.state not in {RenderState.FILMING, RenderState.FAILED}:
        return False
    if shot.retries != ref.round or not shot.is_at(ref.take_number, ShotState.FAILED):
        return False
    if await work.frozen_casts.robbed(render.snapshot.cast_of(shot.shot.content)):
        return False
    render = render.retry(now) if render.state is RenderState.FAILED else render
    revived = shot.revive(STATE_OF_STEP[ref.step])
    await work.renders.save_shots([revived])
    await work.renders.save(render)
    await work.events.append(shot_event(render, revived, "ShotRevived", step=ref.step.value))
    return True


async def fail_start(work: RenderWork, *, render_id: RenderId, reason: str, now: datetime) -> None:
    """The job that begins shots failed for good: so do the shots that it did not reach."""
    render = await work.renders.lock(render_id)
    if render is not None and render.state is RenderState.QUEUED:
        render = render.start(now)
    if render is None or render.state is not RenderState.FILMING:
        return
    waiting = [shot for shot in await work.renders.shots(render.id) if shot.state is ShotState.WAITING]
    await work.renders.save_shots([shot.fail(reason) for shot in waiting])
    await settle(work, render=render, now=now)


async def lock_render(work: RenderWork, render_id: RenderId) -> Render:
    """Hold the render's row; raises RenderNotFound."""
    render = await work.renders.lock(render_id)
    if render is None:
        raise RenderNotFound("There is no such render.", field="renderId")
    return render


async def _find_shot(work: RenderWork, ref: StepRef) -> RenderShot | None:
    found = await work.renders.shots(ref.render_id, [ref.shot_id])
    return found[0] if found else None
