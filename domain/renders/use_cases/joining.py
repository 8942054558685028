"""Settle a render whose shots are all done: join the takes into a film, or say that it failed."""

from dataclasses import dataclass
from datetime import datetime

from domain.identifiers import JobId, ObjectId
from domain.jobs.models import NewJob, Priority, StepResult
from domain.media.use_cases import hold_object, release_object
from domain.renders.captions import TimedShot, web_vtt
from domain.renders.digests import film_digest
from domain.renders.events import render_event
from domain.renders.models import Film, Render
from domain.renders.planning import Order
from domain.renders.ports import RenderWork
from domain.renders.results import read_film
from domain.renders.states import RenderState
from domain.renders.use_cases.reporting import report_job
from domain.renders.workloads import deadline_of, join_workload


@dataclass(frozen=True, slots=True)
class Cut:
    """What a film is joined of: the clips in order, the captions, and the digest of both."""

    digest: str
    clip_ids: tuple[ObjectId, ...]
    captions: str
    frames: int


async def settle(work: RenderWork, *, render: Render, now: datetime) -> Render:
    """Write the locked render down; where no shot is left to film, fail it or have it joined."""
    if render.state is RenderState.FILMING:
        tally = await work.renders.tally(render.id)
        if tally.are_all_final:
            render = await _close(work, render, tally.failed, now)
    await work.renders.save(render)
    return render


async def _close(work: RenderWork, render: Render, failed: int, now: datetime) -> Render:
    if failed:
        render = render.fail(f"{failed} of the shots could not be filmed.", now)
        await work.events.append(render_event(render, "RenderFailed", reason=render.failure, failed_shots=failed))
        return render
    render = render.join(now)
    cut = await cut_of(work, render)
    known = await work.steps.find(render.workspace_id, cut.digest)
    if known is not None:
        return await _publish(work, render, read_film(known), now)
    await work.jobs.enqueue(_join_job(work, render, cut))
    return render


async def cut_of(work: RenderWork, render: Render) -> Cut:
    """What the render's film is to be joined of, now."""
    shots = await work.renders.shots(render.id)
    accepted = {take.shot_id: take for take in await work.renders.takes(render.id) if take.is_accepted}
    takes = [accepted[shot.shot.id] for shot in shots if shot.shot.id in accepted]
    orders = [Order(render, shot.shot) for shot in shots]
    timed = [TimedShot(order.frames / render.settings.frames_per_second, order.captions) for order in orders]
    captions = web_vtt(timed, language=render.snapshot.language)
    digest = film_digest([take.clip_digest for take in takes], captions=captions)
    return Cut(
        digest,
        tuple(take.clip.object_id for take in takes if take.clip is not None),
        captions,
        sum(order.frames for order in orders),
    )


def _join_job(work: RenderWork, render: Render, cut: Cut) -> NewJob:
    settings = render.settings
    workload = join_workload(shots=len(cut.clip_ids), frames=cut.frames, settings=settings)
    # No idempotency key: under its lock a render moves from filming to joining once for each cut.
    return NewJob(
        id=JobId(work.new_id()),
        workspace_id=render.workspace_id,
        kind=workload.kind,
        queue=workload.queue,
        payload={
            "render_id": str(render.id),
            "digest": cut.digest,
            "width": settings.frame.width,
            "height": settings.frame.height,
            "frames": cut.frames,
        },
        subject_id=render.id,
        priority=Priority.INTERACTIVE,
        estimated_seconds=workload.declared_seconds,
        deadline_seconds=deadline_of(workload),
    )


async def record_film(work: RenderWork, *, render: Render | None, step: StepResult, now: datetime) -> Render | None:
    """Keep the joined film and finish the locked render; a film of an older cut, or of no render, is left alone."""
    if render is None or render.state is not RenderState.JOINING or (await cut_of(work, render)).digest != step.digest:
        return render
    film = read_film(await work.steps.record(render.workspace_id, step))
    await work.events.append(render_event(render, "FilmJoined", seconds=film.probe.seconds))
    render = await _publish(work, render, film, now)
    await work.renders.save(render)
    return render


async def fail_film(
    work: RenderWork, *, render: Render | None, digest: str, reason: str, now: datetime
) -> Render | None:
    """The join could not be done: the locked render fails, unless it has moved on or was deleted meanwhile."""
    if render is None or render.state is not RenderState.JOINING or (await cut_of(work, render)).digest != digest:
        return render
    render = render.fail(reason, now)
    await work.events.append(render_event(render, "RenderFailed", reason=reason, failed_shots=0))
    await work.renders.save(render)
    return render


async def revive_film(work: RenderWork, *, render: Render | None, digest: str, now: datetime) -> bool:
    """The job that could not join is to run again: the locked render waits for it again.

    False, with nothing changed, where the render has moved on, was deleted, or would be joined otherwise now.
    """
    if render is None or render.state is not RenderState.FAILED:
        return False
    if (await work.renders.tally(render.id)).failed or (await cut_of(work, render)).digest != digest:
        return False
    render = render.retry(now).join(now)
    await work.events.append(render_event(render, "RenderRetried", shots=0))
    await work.renders.save(render)
    return True


async def _publish(work: RenderWork, render: Render, film: Film, now: datetime) -> Render:
    workspace_id, old = render.workspace_id, render.film
    for object_id in sorted(film.object_ids):
        await hold_object(work, workspace_id=workspace_id, object_id=object_id)
    for object_id in sorted(old.object_ids if old else ()):
        await release_object(work, workspace_id=workspace_id, object_id=object_id, now=now)
    render = render.finish(film, now)
    probe = film.probe
    await work.events.append(
        render_event(render, "RenderFinished", seconds=probe.seconds, frames=probe.frames, size_bytes=probe.size_bytes)
    )
    if render.snapshot.cast:
        await work.jobs.enqueue(report_job(work, render, film))
    return render
