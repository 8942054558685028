"""The jobs of renders: begin shots, take in what workers made, judge it, join the film, report on it."""

import asyncio
import shutil
import tempfile
import time
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from bootstrap.container import Container, Work
from bootstrap.engines import ENGINES
from contracts.commands import FiguresEmbedded
from domain.characters.identity import EmbeddedFigure, vector_of_worker
from domain.identifiers import RenderId
from domain.jobs.models import ClaimedJob, EndedJob, FinishedJob, StepResult
from domain.renders.use_cases.carrying import (
    StepRef,
    fail_start,
    fail_step,
    record_step,
    start_render,
)
from domain.renders.use_cases.embedding import record_figures
from domain.renders.use_cases.film_making import Workshop, join_film
from domain.renders.use_cases.forget_steps import STEPS_FORGOTTEN_MAX, forget_steps
from domain.renders.use_cases.joining import fail_film, record_film
from domain.renders.use_cases.judging import judge_step
from domain.renders.use_cases.ordering import START_RENDER
from domain.renders.use_cases.reporting import lacks_figures, make_report, record_report, report_later
from domain.renders.walk import Step
from domain.renders.workloads import EMBED_FIGURES, JOB_KINDS, JOIN_FILM, REPORT
from jobs.batches import in_batches
from jobs.context import JobContext
from jobs.registry import Registry

JOIN_PREFIX = "lab-join-"
# Longer than any film is joined.
LEFT_OVER_SECONDS = 86_400.0

tasks = Registry()


def render_of(job: ClaimedJob | EndedJob) -> RenderId:
    return RenderId(UUID(str(job.payload["render_id"])))


@tasks.task(START_RENDER)
async def start(context: JobContext, job: ClaimedJob) -> None:
    """Begin the next shots; a job for those after them is written down with it."""
    async with context.finishing() as work:
        await start_render(work, render_id=render_of(job), engines=ENGINES, now=context.now())


@tasks.on_failed(START_RENDER)
async def start_failed(work: Work, job: EndedJob, now: datetime) -> None:
    await fail_start(work, render_id=render_of(job), reason=job.failure_message, now=now)


@tasks.on_finished(JOB_KINDS[Step.KEYFRAME])
@tasks.on_finished(JOB_KINDS[Step.CLIP])
async def picture_made(work: Work, job: FinishedJob, now: datetime) -> None:
    """A worker made a keyframe or clip: keep it, and write down what comes next."""
    ref = StepRef.of(job.payload)
    result = StepResult(ref.digest, job.result, job.objects)
    await record_step(work, ref=ref, result=result, engines=ENGINES, now=now)


@tasks.task(JOB_KINDS[Step.KEYFRAME_JUDGEMENT])
@tasks.task(JOB_KINDS[Step.CLIP_JUDGEMENT])
async def judge(context: JobContext, job: ClaimedJob) -> None:
    """Look at what was made, unless a step of the same digest was looked at before."""
    ref, services = StepRef.of(job.payload), context.services
    async with context.work() as work:
        result = await work.steps.find(job.workspace_id, ref.digest)
    if result is None:
        judgement = await judge_step(context.work, ref=ref, engines=ENGINES, gate=services.gate, store=services.store)
        result = StepResult(ref.digest, judgement.to_json())
    async with context.finishing() as work:
        await record_step(work, ref=ref, result=result, engines=ENGINES, now=context.now())


@tasks.on_finished(EMBED_FIGURES)
async def figures_embedded(work: Work, job: FinishedJob, now: datetime) -> None:  # noqa: ARG001 - as for every end
    """A worker has embedded figures: whoever waits for the job finds them by their digest."""
    told = FiguresEmbedded.model_validate(job.result)
    dimensions = await work.worker_spaces.dimensions(str(job.payload["space"]))
    figures = [
        EmbeddedFigure(each.frame, each.number, vector_of_worker(each.vector, dimensions=dimensions))
        for each in told.figures
    ]
    await record_figures(
        work,
        workspace_id=job.workspace_id,
        digest=str(job.payload["digest"]),
        figures=figures,
        weights=told.engine_version,
    )


@tasks.on_failed(EMBED_FIGURES)
async def figures_not_embedded(work: Work, job: EndedJob, now: datetime) -> None:
    """The judgement that waits is aborted with this job, and nobody hears of that: its step fails here."""
    if isinstance(judgement := job.payload.get("judged_by"), dict):
        await fail_step(work, ref=StepRef.of(judgement), reason=job.failure_message, now=now)


@tasks.on_failed(JOB_KINDS[Step.KEYFRAME])
@tasks.on_failed(JOB_KINDS[Step.KEYFRAME_JUDGEMENT])
@tasks.on_failed(JOB_KINDS[Step.CLIP])
@tasks.on_failed(JOB_KINDS[Step.CLIP_JUDGEMENT])
async def step_failed(work: Work, job: EndedJob, now: datetime) -> None:
    await fail_step(work, ref=StepRef.of(job.payload), reason=job.failure_message, now=now)


@tasks.task(JOIN_FILM)
async def join(context: JobContext, job: ClaimedJob) -> None:
    """Join the takes; where they have changed since, another job joins those."""
    render_id, digest, services = render_of(job), str(job.payload["digest"]), context.services
    with tempfile.TemporaryDirectory(prefix=JOIN_PREFIX) as folder:
        workshop = Workshop(services.joiner, services.store, Path(folder))
        step = await join_film(context.work, render_id=render_id, digest=digest, workshop=workshop, now=context.now())
    async with context.finishing() as work:
        await record_film(work, render=await work.renders.lock(render_id), step=step, now=context.now())


@tasks.on_failed(JOIN_FILM)
async def join_failed(work: Work, job: EndedJob, now: datetime) -> None:
    render, digest = await work.renders.lock(render_of(job)), str(job.payload["digest"])
    await fail_film(work, render=render, digest=digest, reason=job.failure_message, now=now)


@tasks.task(REPORT)
async def report(context: JobContext, job: ClaimedJob) -> None:
    """Report on the film as it was finished; where this fails for good, the render has no report and nothing else."""
    render_id, digest, tools = render_of(job), str(job.payload["digest"]), context.services.report_tools
    async with context.work() as work:
        is_early = await lacks_figures(work, render_id=render_id, digest=digest)
    if is_early:
        async with context.finishing() as work:
            await report_later(work, render_id=render_id, digest=digest, job_id=job.id)
        return
    made = await make_report(context.work, render_id=render_id, digest=digest, tools=tools, now=context.now())
    async with context.finishing() as work:
        if made is not None:
            await record_report(work, report=made, now=context.now())


async def forget_unused_steps(services: Container) -> int:
    """Forget, of every workspace, results of steps that nothing uses; answer how many."""
    some = partial(forget_steps, services.system_work, now=services.now())
    return await in_batches(some, at_once=STEPS_FORGOTTEN_MAX)


async def remove_leftovers(_services: Container) -> int:
    """Remove the folders of films whose joining process was killed a day ago or longer; answer how many."""
    return await asyncio.to_thread(remove_old, Path(tempfile.gettempdir()), time.time() - LEFT_OVER_SECONDS)


def remove_old(parent: Path, before: float) -> int:
    removed = 0
    for folder in parent.glob(f"{JOIN_PREFIX}*"):
        # Another process may be quicker, and another user's is not ours to remove.
        with suppress(OSError):
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder)
                removed += 1
    return removed
