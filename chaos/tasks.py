"""The synthetic kinds of job: with several fenced steps, plain, failing, paid, and made by a worker.

Every deed is told three times, independently: a row and an event in the job's own transaction, an object in S3, and a
line in the process's append-only record. The invariants compare them.
"""

import asyncio
import hashlib
from datetime import datetime
from uuid import UUID

from bootstrap.container import Work
from chaos.record import record
from chaos.vendor import charge, find_charge
from domain.errors import Invalid, Unavailable
from domain.events import Event, Json, Stream, StreamKind
from domain.identifiers import ObjectId, WorkspaceId
from domain.jobs.models import ClaimedJob, EndedJob, FinishedJob, StepResult
from domain.media.models import Content, StoredObject
from jobs.context import JobContext
from jobs.registry import Registry

STEPS, PLAIN, FLAKY, BROKEN, REFUSED, PAID, MAKE = (
    "chaos.steps",
    "chaos.plain",
    "chaos.flaky",
    "chaos.broken",
    "chaos.refused",
    "chaos.paid",
    "chaos.make",
)

tasks = Registry()


def number_of(job: ClaimedJob, name: str) -> float:
    value = job.payload.get(name, 0)
    return float(value) if isinstance(value, int | float) else 0.0


def told(job_id: UUID, workspace_id: WorkspaceId, name: str, data: dict[str, Json]) -> Event:
    """An event in a stream of the job's own, beside that in which the engine tells of its moves."""
    return Event(Stream(StreamKind.STORYBOARD, job_id, workspace_id), name, data)


def marks(job: ClaimedJob) -> dict[str, Json]:
    """Who says so: the fence, as it stands in whatever this claim writes."""
    return {"job": str(job.id), "epoch": job.fence.epoch, "claim": str(job.fence.claim_id)}


def note(what: str, job: ClaimedJob, **more: str | float) -> None:
    fence = job.fence
    record(what, job=str(job.id), epoch=fence.epoch, claim=str(fence.claim_id), kind=job.kind, **more)


@tasks.task(STEPS)
async def do_steps(context: JobContext, job: ClaimedJob) -> None:
    """Do each step that has no result yet, then end; some transactions stay open for a while."""
    note("began", job)
    for number in range(int(number_of(job, "steps"))):
        await do_step(context, job, number)
    async with context.finishing() as work:
        await work.events.append(told(job.id, job.workspace_id, "StepsEnded", marks(job)))
        await asyncio.sleep(number_of(job, "open_seconds"))
    note("finished", job)


async def do_step(context: JobContext, job: ClaimedJob, number: int) -> None:
    digest = f"{STEPS}:{job.id}:{number}"
    async with context.work() as work:
        if await work.steps.find(job.workspace_id, digest):
            return
    note("step_began", job, step=number)
    await asyncio.sleep(number_of(job, "step_seconds"))
    stored = new_object(context, job, number)
    await context.services.store.put(stored.key, body_of(job, number), content_type="text/plain")
    async with context.work() as work:
        kept_object = await work.objects.reserve(stored)
        mine = marks(job) | {"step": number}
        kept = await work.steps.record(job.workspace_id, StepResult(digest, mine, {"out": kept_object.id}))
        if kept.result == mine:
            await work.events.append(told(job.id, job.workspace_id, "StepDone", mine))
        await asyncio.sleep(number_of(job, "open_seconds"))
    note("step_committed", job, step=number)


def body_of(job: ClaimedJob, number: int) -> bytes:
    return f"{job.id} {job.fence.claim_id} {number}".encode()


def new_object(context: JobContext, job: ClaimedJob, number: int) -> StoredObject:
    body = body_of(job, number)
    return StoredObject(
        id=ObjectId(context.new_id()),
        workspace_id=job.workspace_id,
        key=f"art/{job.id}/{job.fence.claim_id}/{number}",
        content=Content("text/plain", len(body), hashlib.sha256(body).hexdigest()),
        touched_at=context.now(),
    )


@tasks.task(PLAIN)
async def do_nothing(_context: JobContext, job: ClaimedJob) -> None:
    """Leave nothing but success: such jobs are ended many in a transaction."""
    note("began", job)


@tasks.task(FLAKY)
async def fail_a_few_times(context: JobContext, job: ClaimedJob) -> None:
    note("began", job)
    await asyncio.sleep(number_of(job, "step_seconds"))
    if job.attempts < number_of(job, "failures"):
        raise Unavailable("Not yet.")
    async with context.finishing() as work:
        await work.events.append(told(job.id, job.workspace_id, "FlakyEnded", marks(job)))
    note("finished", job)


@tasks.task(BROKEN)
async def break_down(_context: JobContext, job: ClaimedJob) -> None:
    note("began", job)
    raise RuntimeError("broken on purpose")


@tasks.task(REFUSED)
async def refuse(_context: JobContext, job: ClaimedJob) -> None:
    note("began", job)
    raise Invalid("This cannot be done, ever.")


@tasks.on_failed(BROKEN)
@tasks.on_failed(REFUSED)
@tasks.on_failed(PAID)
@tasks.on_failed(MAKE)
async def tell_of_failure(work: Work, job: EndedJob, _now: datetime) -> None:
    await work.events.append(told(job.id, job.workspace_id, "ChaosFailed", {"job": str(job.id), "ended_as": job.state}))


@tasks.task(PAID)
async def pay(context: JobContext, job: ClaimedJob) -> None:
    """Pay once: a row in the ledger before the call; what may have been paid is asked for, never paid again."""
    note("began", job)
    await asyncio.sleep(number_of(job, "step_seconds"))
    mine = marks(job)
    async with context.work() as work:
        kept = await work.steps.record(job.workspace_id, StepResult(f"{PAID}:{job.id}", mine))
        if kept.result == mine:
            await work.events.append(told(job.id, job.workspace_id, "Owed", mine))
    if kept.result == mine:
        paid = await charge(str(job.id))
    else:
        paid = await find_charge(str(job.id))
    if paid is None:
        raise Invalid("Nobody can tell whether this was paid for.")
    async with context.finishing() as work:
        await work.events.append(told(job.id, job.workspace_id, "Paid", mine | {"charge": paid}))
    note("finished", job)


@tasks.on_finished(MAKE)
async def keep_what_was_made(work: Work, job: FinishedJob, _now: datetime) -> None:
    await work.steps.record(job.workspace_id, StepResult(f"{MAKE}:{job.id}", job.result, job.objects))
    await work.events.append(told(job.id, job.workspace_id, "Made", {"job": str(job.id), "objects": len(job.objects)}))
