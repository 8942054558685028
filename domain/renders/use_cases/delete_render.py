"""Delete a render: its shots and takes, its film, and the steps that only it used."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.identifiers import ObjectId, RenderId, ShotId
from domain.media.use_cases import release_object
from domain.renders.digests import figures_digest, judgement_digest
from domain.renders.events import RENDER_DELETED, render_event
from domain.renders.models import Render
from domain.renders.planning import Order
from domain.renders.ports import RenderWork
from domain.renders.shots import RenderShot, Take
from domain.renders.use_cases.carrying import lock_render
from domain.renders.use_cases.deciding import stop_render

DELETE_REASON = "The render was deleted."


async def delete_render(work: RenderWork, *, render_id: RenderId, now: datetime) -> Render:
    """Remove a render for good, canceling it first where it still runs; answer it as it was.

    What its takes and its film held is let go, and the sweep removes what nothing holds then; steps that another
    render uses too stay for it, the others are forgotten: later, by the sweep of steps, while shots of another render
    wait to be begun, which may have been quoted with them. Raises RenderNotFound.
    """
    render = await lock_render(work, render_id)
    if not render.state.is_final:
        render = await stop_render(work, render=render, now=now)
    shots, takes = await work.renders.shots(render_id), await work.renders.takes(render_id)
    report = await work.consistency_reports.find(render_id)
    await work.renders.remove(render_id)
    film_ids = [*(render.film.object_ids if render.film else ()), *(report.object_ids if report else ())]
    # Objects before steps: a worker's report has the objects of its outputs first, too.
    await _release(work, render, [*film_ids, *(each for take in takes for each in take.object_ids)], now)
    await _release(work, render, await _forget_steps(work, render, shots, takes), now)
    await work.events.append(render_event(render, RENDER_DELETED))
    # Rows of jobs are locked last, after those of the business, by everybody.
    await work.jobs.cancel_subject(render_id, DELETE_REASON)
    return render


async def _release(work: RenderWork, render: Render, held: Iterable[ObjectId], now: datetime) -> None:
    # In one order everywhere, so that no two transactions wait for each other in a ring.
    for object_id in sorted(held):
        await release_object(work, workspace_id=render.workspace_id, object_id=object_id, now=now)


async def _forget_steps(
    work: RenderWork, render: Render, shots: Sequence[RenderShot], takes: Sequence[Take]
) -> Sequence[ObjectId]:
    """Forget the results that only this render used, and what the gate said of them; answer what they kept."""
    pictures = _pictures_by_shot(takes)
    asked = {digest for digests in pictures.values() for digest in digests}
    asked |= {render.film.digest} if render.film else set()
    unused = set(await work.step_uses.unused_among(render.workspace_id, asked))
    unused_of = [(shot, digest) for shot in shots for digest in pictures.get(shot.shot.id, set()) & unused]
    judgements = {judgement_digest(Order(render, shot.shot), digest) for shot, digest in unused_of}
    vectors = {
        figures_digest(digest, space=space)
        for shot, digest in unused_of
        if (space := render.snapshot.worker_space_of(shot.shot.content))
    }
    return await work.steps.forget(render.workspace_id, unused | judgements | vectors)


def _pictures_by_shot(takes: Sequence[Take]) -> dict[ShotId, set[str]]:
    pictures: dict[ShotId, set[str]] = {}
    for take in takes:
        pictures.setdefault(take.shot_id, set()).update((take.keyframe_digest, take.clip_digest))
    return pictures
