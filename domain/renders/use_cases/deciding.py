"""What a user does to a render that is under way or over: cancel it, retry it, re-roll a shot."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.identifiers import RenderId, ShotId
from domain.renders.budgets import Cost
from domain.renders.crews import Crew
from domain.renders.drafts import foresee
from domain.renders.engines import EngineCatalogue
from domain.renders.errors import RenderShotNotFound
from domain.renders.events import render_event, shot_event
from domain.renders.models import Render
from domain.renders.ports import RenderWork
from domain.renders.quotes import cost_of
from domain.renders.shots import RenderShot, Take
from domain.renders.snapshot import require_ready, require_whole
from domain.renders.states import RenderState, Rung, ShotState
from domain.renders.use_cases.carrying import lock_render
from domain.renders.use_cases.ordering import start_job
from domain.renders.use_cases.pursuing import Pursuit, pursue_shots

CANCEL_REASON = "The render was canceled."


class CancelOutcome(StrEnum):
    """What asking for a cancel came to.

    CANCELED: nothing of it runs any more. CANCELLATION_REQUESTED: it is canceled, a worker still holds some of it, has
    been told to stop, and nothing that it makes is kept. ALREADY_FINISHED: there was nothing left to cancel.
    """

    CANCELED = "canceled"
    CANCELLATION_REQUESTED = "cancellation_requested"
    ALREADY_FINISHED = "already_finished"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Cancel:
    """The outcome, and the render where there is one."""

    outcome: CancelOutcome
    render: Render | None = None


async def cancel_render(work: RenderWork, *, render_id: RenderId, now: datetime) -> Cancel:
    """Stop a render for good; cancelling it again says the same. Raises nothing."""
    render = await work.renders.lock(render_id)
    if render is None:
        return Cancel(CancelOutcome.NOT_FOUND)
    if render.state.is_final:
        is_canceled = render.state is RenderState.CANCELED
        return Cancel(CancelOutcome.CANCELED if is_canceled else CancelOutcome.ALREADY_FINISHED, render)
    render = await stop_render(work, render=render, now=now)
    # Jobs last, as everywhere: a worker's report locks the render's row before its job's.
    jobs = await work.jobs.cancel_subject(render_id, CANCEL_REASON)
    return Cancel(CancelOutcome.CANCELLATION_REQUESTED if jobs.asked else CancelOutcome.CANCELED, render)


async def stop_render(work: RenderWork, *, render: Render, now: datetime) -> Render:
    """Cancel the locked render and its shots; the caller cancels its jobs, last. Raises RenderMoveRefused."""
    render = render.cancel(now)
    shots = await work.renders.shots(render.id)
    await work.renders.save_shots([shot.cancel() for shot in shots if not shot.state.is_final])
    await work.renders.save(render)
    await work.events.append(render_event(render, "RenderCanceled"))
    return render


async def retry_render(work: RenderWork, *, render_id: RenderId, engines: EngineCatalogue, now: datetime) -> Render:
    """Take the failed shots of a failed render up again: with new seeds where the gate refused the old ones.

    Shots that have their take keep it. Raises RenderNotFound, RenderMoveRefused, BudgetTooSmall, and
    CharacterNotReady where a failed shot casts somebody who is gone, or has lost pictures since.
    """
    render = (await lock_render(work, render_id)).retry(now)
    crew = Crew.of(render, engines)
    failed = [shot for shot in await work.renders.shots(render.id) if shot.state is ShotState.FAILED]
    await _require_cast(work, render, failed)
    takes = await work.renders.takes(render.id, [shot.shot.id for shot in failed])
    shots = [shot.retry(with_new_seed=_was_refused(shot, takes, crew, render)) for shot in failed]
    anew = [shot for shot, old in zip(shots, failed, strict=True) if shot.first_take > old.first_take]
    render = render.commit(await _cost_of_rounds(work, render, crew, anew))
    await work.renders.save_shots(shots)
    await work.renders.save(render)
    await work.events.append(render_event(render, "RenderRetried", shots=len(shots)))
    # There may be a thousand: a job begins them in batches, as those of an order.
    await work.jobs.enqueue(start_job(work, render.workspace_id, render.id))
    return render


async def reroll_shot(
    work: RenderWork, *, render_id: RenderId, shot_id: ShotId, engines: EngineCatalogue, now: datetime
) -> Render:
    """Make a new take of one shot with a seed not used yet, and join the film again; the old film stays until then.

    Raises RenderNotFound, RenderShotNotFound, RenderMoveRefused, ShotMoveRefused, BudgetTooSmall,
    CharacterNotReady.
    """
    render = await lock_render(work, render_id)
    found = await work.renders.shots(render.id, [shot_id])
    if not found:
        raise RenderShotNotFound("The render has no such shot.", field="shotId")
    crew = Crew.of(render, engines)
    await _require_cast(work, render, found)
    shot = found[0].reroll()
    render = render.reopen(now)
    render = render.commit(await _cost_of_rounds(work, render, crew, [shot]))
    takes = await work.renders.takes(render.id, [shot_id])
    await work.renders.save_takes([replace(take, is_accepted=False) for take in takes if take.is_accepted])
    await work.renders.save_shots([shot])
    await work.events.append(shot_event(render, shot, "ShotRerolled", is_asked_for=True))
    return await pursue_shots(work, pursuit=Pursuit(render, crew), shots=[shot], now=now)


async def _require_cast(work: RenderWork, render: Render, shots: Sequence[RenderShot]) -> None:
    cast_ids = {member.character_id for shot in shots for member in shot.shot.content.cast}
    require_ready(await work.frozen_casts.freeze(cast_ids), [shot.shot for shot in shots])
    cast = [each for each in render.snapshot.cast if each.character_id in cast_ids]
    require_whole(await work.frozen_casts.robbed(cast))


async def _cost_of_rounds(work: RenderWork, render: Render, crew: Crew, shots: Sequence[RenderShot]) -> Cost:
    """What new rounds of the shots cost: a take that is known already, from another render, is made no second time."""
    foresights = await foresee(work, render=render, crew=crew, shots=shots, before={})
    return sum((cost_of(foresight, crew, render.settings) for foresight in foresights), Cost())


def _was_refused(shot: RenderShot, takes: Sequence[Take], crew: Crew, render: Render) -> bool:
    """Whether the shot failed because of what the gate saw, not because a step broke, even of one settled for."""
    last = [take for take in takes if take.shot_id == shot.shot.id and take.number == shot.take_number]
    judgement = last[0].judgement if last else None
    if judgement is None or shot.rung is Rung.BEST_OF:
        return False
    maker = crew.maker_of(shot.take_number, shot=shot, render=render)
    copies_are_normal = maker.capabilities.pastes_references
    return not judgement.is_passed(copies_are_normal=copies_are_normal)
