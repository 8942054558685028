"""Quote a render, and order it."""

from datetime import datetime

from domain.identifiers import JobId, RenderId, WorkspaceId
from domain.jobs.models import NewJob, Priority, Queue
from domain.renders.drafts import RenderRequest, draft_render
from domain.renders.engines import EngineCatalogue
from domain.renders.events import render_event
from domain.renders.models import Render
from domain.renders.ports import OrderWork, RenderWork
from domain.renders.quotes import Quote, quote_of, workloads_of

START_RENDER = "renders.start_render"


async def quote_render(work: OrderWork, *, request: RenderRequest, engines: EngineCatalogue, now: datetime) -> Quote:
    """Answer which shots are stale and why, what each costs and how long it takes; nothing is written.

    Raises StoryboardNotFound, StoryboardNotReady, CharacterNotReady, EngineUnknown.
    """
    draft = await draft_render(work, request=request, engines=engines, now=now)
    return quote_of(draft, await work.run_times.measured(workloads_of(draft)))


async def request_render(work: OrderWork, *, request: RenderRequest, engines: EngineCatalogue, now: datetime) -> Render:
    """Order a render: freeze the storyboard as it stands, commit its cost, and write its first job down.

    Raises StoryboardNotFound, StoryboardNotReady, CharacterNotReady, EngineUnknown, BudgetTooSmall, and writes nothing
    then.
    """
    draft = await draft_render(work, request=request, engines=engines, now=now)
    quote = quote_of(draft, {})
    render = draft.render.commit(quote.cost)
    await work.renders.add(render, draft.shots)
    await work.events.append(
        render_event(
            render,
            "RenderRequested",
            storyboard_id=str(render.storyboard_id),
            shots=len(draft.shots),
            stale_shots=quote.stale,
            seconds=quote.film_seconds,
        )
    )
    await work.jobs.enqueue(start_job(work, render.workspace_id, render.id))
    return render


def start_job(work: RenderWork, workspace_id: WorkspaceId, render_id: RenderId) -> NewJob:
    """The job that begins the next shots of a render."""
    return NewJob(
        id=JobId(work.new_id()),
        workspace_id=workspace_id,
        kind=START_RENDER,
        queue=Queue.INTERNAL,
        payload={"render_id": str(render_id)},
        subject_id=render_id,
        priority=Priority.INTERACTIVE,
        estimated_seconds=1.0,
    )
