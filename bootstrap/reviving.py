"""What becomes of the thing that a job failed, when an operator has the job run again."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from adapters.postgres.work import PostgresWork
from domain.characters.tasks import CALIBRATE, INGEST_IMAGE, TRAIN_ADAPTER
from domain.events import Json
from domain.identifiers import RenderId
from domain.jobs.operations import JobSuperseded
from domain.renders.use_cases.carrying import StepRef, revive_step
from domain.renders.use_cases.joining import revive_film
from domain.renders.use_cases.ordering import START_RENDER
from domain.renders.workloads import EMBED_FIGURES, JOB_KINDS, JOIN_FILM
from domain.storyboards.tasks import WRITE

Reviver: TypeAlias = Callable[[PostgresWork, Mapping[str, Json], datetime], Awaitable[bool]]

RENDER_ADVICE = (
    "The render, or who is cast in it, has moved on since this job ended; `retryRender` takes up what failed of it."
)
ADVICE: Mapping[str, str] = {
    START_RENDER: "The shots of the render have failed with this job; `retryRender` takes them up again.",
    WRITE: "The storyboard has failed with this job; `createStoryboard` writes the story anew.",
    INGEST_IMAGE: "The picture was refused with this job; `addReferenceImages` takes it in again.",
    TRAIN_ADAPTER: "The version has failed with this job; `trainCharacter` trains another.",
    EMBED_FIGURES: RENDER_ADVICE,
    CALIBRATE: "The character needs attention since this job; adding or removing a picture calibrates it again.",
}


async def revive(work: PostgresWork, *, kind: str, payload: Mapping[str, Json], now: datetime) -> None:
    """Let what the job is for wait for it again; raises JobSuperseded where that is not to be had."""
    if kind in ADVICE:
        raise JobSuperseded(ADVICE[kind])
    reviver = REVIVERS.get(kind)
    if reviver is not None and not await reviver(work, payload, now):
        raise JobSuperseded(RENDER_ADVICE)


async def _shot(work: PostgresWork, payload: Mapping[str, Json], now: datetime) -> bool:
    return await revive_step(work, ref=StepRef.of(payload), now=now)


async def _film(work: PostgresWork, payload: Mapping[str, Json], now: datetime) -> bool:
    render = await work.renders.lock(RenderId(UUID(str(payload["render_id"]))))
    return await revive_film(work, render=render, digest=str(payload["digest"]), now=now)


REVIVERS: Mapping[str, Reviver] = {**dict.fromkeys(JOB_KINDS.values(), _shot), JOIN_FILM: _film}
