"""Carry shots on as far as finished steps lead, and write down what is to be done next.

Everything here happens with the render's row locked, in that one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.events import Json
from domain.identifiers import JobId
from domain.jobs.models import JobInput, NewJob, Queue
from domain.media.use_cases import hold_object
from domain.renders.crews import Crew
from domain.renders.engines import Engine
from domain.renders.models import Render
from domain.renders.planning import clip_command, clip_inputs, keyframe_command, keyframe_inputs
from domain.renders.ports import RenderWork
from domain.renders.shots import RenderShot, Take
from domain.renders.use_cases.embedding import Unembedded, order_embedding
from domain.renders.use_cases.joining import settle
from domain.renders.walk import Step, Walk, Wanted, maker_of
from domain.renders.workloads import ShotMeasure, deadline_of, step_workload

# How far a shot is before and after each step, of 1; most of the time goes into the clip.
PROGRESS = {
    Step.KEYFRAME: (0.0, 0.15),
    Step.KEYFRAME_JUDGEMENT: (0.15, 0.2),
    Step.CLIP: (0.2, 0.9),
    Step.CLIP_JUDGEMENT: (0.9, 1.0),
}
TAKES_IN_ROUND_MAX = 1000


@dataclass(frozen=True, slots=True)
class Pursuit:
    """A locked render, its engines, and the digest of the step that called, if one did."""

    render: Render
    crew: Crew
    just_made: str = ""


async def pursue_shots(work: RenderWork, *, pursuit: Pursuit, shots: Sequence[RenderShot], now: datetime) -> Render:
    """Walk the shots on, write down shots, takes, events and next jobs, and settle the render when all are done."""
    render = pursuit.render
    takes = await work.renders.takes(render.id, [shot.shot.id for shot in shots])
    walks = [
        Walk(
            render=render,
            crew=pursuit.crew,
            shot=shot,
            new_id=work.new_id,
            just_made=pursuit.just_made,
            takes={take.number: take for take in takes if take.shot_id == shot.shot.id},
        )
        for shot in shots
    ]
    digests = {digest for walk in walks for digest in walk.candidates()}
    found = await work.steps.find_many(render.workspace_id, digests)
    for walk in walks:
        walk.render, walk.found = render, found
        await _walk(work, walk)
        render = walk.render
    await _write(work, walks, before=takes)
    return await settle(work, render=render, now=now)


async def _walk(work: RenderWork, walk: Walk) -> None:
    wanted = walk.run()
    for event in walk.events:
        await work.events.append(event)
    if wanted is not None:
        waits_for = await _embed_first(work, walk, wanted)
        await work.jobs.enqueue(replace(_job(work, walk, wanted), waits_for=waits_for))


async def _embed_first(work: RenderWork, walk: Walk, wanted: Wanted) -> Sequence[JobId]:
    """Where the cast is judged in a worker's space, a judgement waits for that worker's vectors."""
    take, space = wanted.take, walk.render.snapshot.worker_space_of(walk.shot.shot.content)
    judged = {
        Step.KEYFRAME_JUDGEMENT: (take.keyframe, take.keyframe_digest),
        Step.CLIP_JUDGEMENT: (take.clip, take.clip_digest),
    }
    picture, digest = judged.get(wanted.step, (None, ""))
    if space is None or picture is None:
        return ()
    unembedded = Unembedded(walk.render, picture, digest, space, judged_by=_payload(walk, wanted))
    return await order_embedding(work, unembedded, key=f"{_key(walk, wanted)}:figures")


async def _write(work: RenderWork, walks: Sequence[Walk], *, before: Sequence[Take]) -> None:
    known = set(before)
    held = {take.id: take.object_ids for take in before}
    changed = [take for walk in walks for take in walk.takes.values() if take not in known]
    new = [each for take in changed for each in take.object_ids - held.get(take.id, set())]
    # In one order everywhere: two renders that take over the same clips must not wait for each other.
    for object_id in sorted(new):
        await hold_object(work, workspace_id=walks[0].render.workspace_id, object_id=object_id)
    await work.renders.save_shots([walk.shot for walk in walks])
    await work.renders.save_takes(changed)


def _job(work: RenderWork, walk: Walk, wanted: Wanted) -> NewJob:
    """The job of the step; its key names shot, take, step and round, so that it is written down once."""
    shot, settings = walk.shot, walk.render.settings
    engine = maker_of(walk, wanted.take.number) if wanted.step is Step.KEYFRAME else walk.crew.own
    workload = step_workload(wanted.step, ShotMeasure.of(shot.shot.content), engine=engine, settings=settings)
    return NewJob(
        id=JobId(work.new_id()),
        workspace_id=shot.workspace_id,
        kind=workload.kind,
        queue=workload.queue,
        payload=_payload(walk, wanted),
        inputs=_inputs(walk, wanted),
        subject_id=shot.render_id,
        idempotency_key=_key(walk, wanted),
        estimated_seconds=workload.declared_seconds,
        deadline_seconds=deadline_of(workload),
        affinity=_affinity(engine, wanted.step) if workload.queue is Queue.GPU else None,
    )


def _affinity(engine: Engine, step: Step) -> str:
    """Name the model that the step needs: a worker that has it loaded is preferred for more of the same.

    An engine's keyframes and clips are made by two models, which often do not fit beside each other: loading one takes
    seconds to minutes. The cast's adapters are no part of the name, since only whole names are compared: a shot with
    another adapter on the loaded model would count as cold as one that needs the other model, and a model takes another
    adapter in milliseconds and keeps several.
    """
    return f"{engine.name} {step}"


def _key(walk: Walk, wanted: Wanted) -> str:
    shot = walk.shot
    return f"{shot.render_id}:{shot.shot.id}:{wanted.take.number}:{wanted.step}:{shot.retries}"


def _payload(walk: Walk, wanted: Wanted) -> dict[str, Json]:
    payload: dict[str, Json] = {
        "render_id": str(walk.shot.render_id),
        "shot_id": str(walk.shot.shot.id),
        "shot_number": walk.shot.shot.number,
        "take_number": wanted.take.number,
        "step": wanted.step.value,
        "digest": wanted.digest,
        "round": walk.shot.retries,
        "progress": _progress(walk, wanted),
    }
    if wanted.step is Step.KEYFRAME:
        payload["command"] = keyframe_command(walk.order_of(wanted.take.number), wanted.take.number)
    if wanted.step is Step.CLIP:
        payload["command"] = clip_command(walk.order_of(wanted.take.number), wanted.take.number)
    return payload


def _progress(walk: Walk, wanted: Wanted) -> dict[str, Json]:
    """What the step's own 0..1 means to those who watch the shot; a new take begins anew."""
    start, end = PROGRESS[wanted.step]
    epoch = walk.shot.retries * TAKES_IN_ROUND_MAX + wanted.take.number
    return {"part": f"shot:{walk.shot.shot.id}", "from": start, "to": end, "epoch": epoch}


def _inputs(walk: Walk, wanted: Wanted) -> list[JobInput]:
    if wanted.step is Step.KEYFRAME:
        return keyframe_inputs(walk.order_of(wanted.take.number))
    if wanted.step is Step.CLIP and wanted.take.keyframe is not None:
        return clip_inputs(walk.order_of(wanted.take.number), wanted.take.keyframe)
    return []
