"""Have workers embed the figures of keyframes and clips, where a cast is judged in a worker's embedding space."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.characters.identity import EmbeddedFigure, write_vector
from domain.events import Json
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import NewJob, Priority, StepResult
from domain.renders.digests import figures_digest
from domain.renders.models import Render
from domain.renders.planning import embed_command, embed_inputs
from domain.renders.ports import RenderWork
from domain.renders.results import FIGURE_VECTORS, FIGURE_WEIGHTS
from domain.renders.shots import Picture
from domain.renders.workloads import deadline_of, embed_workload


@dataclass(frozen=True, slots=True)
class Unembedded:
    """What a step of a render made, named by the step's digest, and the worker's space that its cast is judged in.

    `judged_by` is the payload of the step's job that waits for the vectors; without them it fails.
    """

    render: Render
    picture: Picture
    digest: str
    space: str
    judged_by: Mapping[str, Json] | None = None


async def order_embedding(
    work: RenderWork, wanted: Unembedded, *, key: str, priority: Priority = Priority.NORMAL
) -> list[JobId]:
    """Write down the job that embeds the figures; answer what there is to wait for.

    Nothing is to be waited for where the vectors are known, or where the job was written down before: so was, with it,
    the one that waits for it.
    """
    render, space = wanted.render, wanted.space
    digest = figures_digest(wanted.digest, space=space)
    if await work.steps.find(render.workspace_id, digest) is not None:
        return []
    workload, job_id = embed_workload(space=space), JobId(work.new_id())
    is_new = await work.jobs.enqueue(
        NewJob(
            id=job_id,
            workspace_id=render.workspace_id,
            kind=workload.kind,
            queue=workload.queue,
            payload={
                "digest": digest,
                "space": space,
                "judged_by": None if wanted.judged_by is None else dict(wanted.judged_by),
                "command": embed_command(wanted.picture, space=space),
            },
            inputs=embed_inputs(wanted.picture),
            subject_id=render.id,
            priority=priority,
            idempotency_key=key,
            estimated_seconds=workload.declared_seconds,
            affinity=space,
            deadline_seconds=deadline_of(workload),
        )
    )
    return [job_id] if is_new else []


async def record_figures(
    work: RenderWork, *, workspace_id: WorkspaceId, digest: str, figures: Sequence[EmbeddedFigure], weights: str
) -> None:
    """Keep the vectors that a worker made; they keep no object and are forgotten once nobody can want them."""
    kept: list[Json] = [
        {"frame": each.frame, "number": each.number, "vector": write_vector(each.vector)} for each in figures
    ]
    await work.steps.record(workspace_id, StepResult(digest, {FIGURE_VECTORS: kept, FIGURE_WEIGHTS: weights}))
