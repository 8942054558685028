"""A render, live: what happened to it, and how far each shot is."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry
from strawberry.types.nodes import SelectedField, Selection

from api.context import Context, Info
from api.events.following import Told, asked_cursor, stream_events
from api.events.types import Event, present_event
from api.live import merged, preview_url, watch_progress
from api.node import global_id, local_id
from api.permissions import VIEWER
from api.renders.loaders import RENDERS, REPORTS
from api.renders.queue_types import RenderQueue, present_queue
from api.renders.types import Render, present_render
from domain.errors import Invalid
from domain.events import Progress
from domain.identifiers import RenderId
from domain.renders import queueing
from domain.renders.errors import RenderNotFound
from domain.renders.events import CONSISTENCY_REPORTED, FINAL_EVENTS, RENDER_DELETED
from domain.renders.models import Render as RenderModel
from domain.renders.states import RenderState

SHOT_PART = "shot:"
ENDS = FINAL_EVENTS | {CONSISTENCY_REPORTED}
News: TypeAlias = Told | Progress | queueing.RenderQueue


@strawberry.type(description="How far one shot is, now; never stored, and never going back within one take.")
class ShotProgress:
    """The latest of one shot."""

    shot_id: strawberry.ID = strawberry.field(description="The shot.")
    fraction: float = strawberry.field(description="How far its take is, 0 to 1.")
    preview: str | None = strawberry.field(
        description="What is being made, as a data URL of a small JPEG; null from engines that show nothing."
    )


@strawberry.type(
    description="Something that happened to a render, how far one of its shots is, or where it stands in the queues."
)
class RenderProgress:
    """One message of renderProgress: `event` and its `cursor`, or `shot`, or `queue`."""

    key: strawberry.Private[RenderId]
    cursor: str | None = strawberry.field(
        description="Points behind the event; give it as `after` to go on from here. Null beside `shot` and `queue`."
    )
    event: Event | None = strawberry.field(description="What happened; each comes once and in order.")
    shot: ShotProgress | None = strawberry.field(description="How far a shot is; only the latest is told.")

    queue: RenderQueue | None = strawberry.field(
        description="Where it stands now; told to those who ask for this field alone, first at once, then when it has "
        "changed noticeably, at most every two seconds. Never stored."
    )

    @strawberry.field(description="The render as it is now; null when it was deleted.")
    async def render(self, info: Info) -> Render | None:
        found = await info.context.load(RENDERS, self.key)
        return None if found is None else present_render(found)


async def load_render(context: Context, key: RenderId, *, field: str = "id") -> RenderModel:
    """Answer a render; raises RenderNotFound."""
    found = await context.load(RENDERS, key)
    if found is None:
        raise RenderNotFound("There is no such render.", field=field)
    return found


@strawberry.type
class RenderSubscriptions:
    """Renders, as things happen to them."""

    @strawberry.subscription(
        description="Everything that happens to a render, once and in order, and how far its shots are. Ends when the "
        "render is over: finished, failed, canceled or deleted. Who comes back with the cursor of `RenderFinished` "
        "hears `ConsistencyReported` once the report is there.",
        extensions=[VIEWER],
    )
    async def render_progress(
        self,
        info: Info,
        render_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The render.")],
        after: Annotated[
            str | None, strawberry.argument(description="The last cursor seen; from the first event when left out.")
        ] = None,
    ) -> AsyncIterator[RenderProgress]:
        context, key = info.context, RenderId(local_id("Render", render_id))
        render = await load_render(context, key)
        if await _is_all_told(context, render, after):
            return
        sources = [_events(stream_events(context, render.stream, after=after)), _shots(context, key)]
        if _asks_for_queue(info):
            sources.append(_queues(context, key))
        async with aclosing(merged(*sources)) as news:
            async for told in news:
                yield present_news(key, told)
                if isinstance(told, Told) and await _is_end(context, told):
                    break


def present_news(key: RenderId, told: News) -> RenderProgress:
    """One message; who follows the queue is told so in `queue` alone."""
    if isinstance(told, Told):
        return RenderProgress(key=key, cursor=told.cursor, event=present_event(told), shot=None, queue=None)
    shot = present_progress(told) if isinstance(told, Progress) else None
    queue = present_queue(told) if isinstance(told, queueing.RenderQueue) else None
    return RenderProgress(key=key, cursor=None, event=None, shot=shot, queue=queue)


def _asks_for_queue(info: Info) -> bool:
    return any(asked.name == "queue" for field in info.selected_fields for asked in flattened(field.selections))


def flattened(selections: Sequence[Selection]) -> Iterator[SelectedField]:
    """The fields of a selection, those of its fragments among them."""
    for each in selections:
        if isinstance(each, SelectedField):
            yield each
        else:
            yield from flattened(each.selections)


async def _queues(context: Context, key: RenderId) -> AsyncGenerator[News]:
    async with aclosing(context.shared_queues.watch(context.caller.workspace_id, key)) as news:
        async for queue in news:
            yield queue


async def _events(events: AsyncGenerator[Told]) -> AsyncGenerator[News]:
    async with aclosing(events):
        async for told in events:
            yield told


async def _is_all_told(context: Context, render: RenderModel, after: str | None) -> bool:
    """Whether who comes back behind this cursor has heard all, of a render that is over and of the report on it."""
    asked = asked_cursor(context, after)
    if asked is None or not render.state.is_final or not asked.isdecimal():
        return False
    if await context.services.feed.read_stream(render.stream, after=int(asked), limit=1):
        return False
    is_reported_on = render.state is RenderState.FINISHED and bool(render.snapshot.cast)
    return not is_reported_on or await context.load(REPORTS, render.id) is not None


async def _is_end(context: Context, told: Told) -> bool:
    """Whether nothing comes after: a render that was over may have been taken up again, or deleted.

    A report on the film is no reason to go on: when it is there hangs on how busy the lab is.
    """
    if told.event.name not in ENDS:
        return told.event.name == RENDER_DELETED
    later = await context.services.feed.read_stream(told.event.stream, after=told.event.number, limit=2)
    return all(event.name == CONSISTENCY_REPORTED for event in later)


async def _shots(context: Context, key: RenderId) -> AsyncGenerator[News]:
    async with aclosing(watch_progress(context.services.progress, key)) as news:
        async for progress in news:
            if progress.part.startswith(SHOT_PART):
                yield progress


def present_progress(progress: Progress) -> ShotProgress:
    try:
        key = UUID(progress.part.removeprefix(SHOT_PART))
    except ValueError:
        raise Invalid("Progress names no shot.") from None
    return ShotProgress(shot_id=global_id("Shot", key), fraction=progress.fraction, preview=preview_url(progress))
