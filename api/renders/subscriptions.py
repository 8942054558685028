"""A render, live: what happened to it, and how far each shot is."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Context, Info
from api.events.following import Told, stream_events
from api.events.types import Event, present_event
from api.live import merged, watch_progress
from api.node import global_id, local_id
from api.permissions import VIEWER
from api.renders.loaders import RENDERS
from api.renders.types import Render, present_render
from domain.errors import Invalid
from domain.events import Progress
from domain.identifiers import RenderId
from domain.renders.errors import RenderNotFound
from domain.renders.events import FINAL_EVENTS, RENDER_DELETED
from domain.renders.models import Render as RenderModel

SHOT_PART = "shot:"


@strawberry.type(description="How far one shot is, now; never stored, and never going back within one take.")
class ShotProgress:
    """The latest of one shot."""

    shot_id: strawberry.ID = strawberry.field(description="The shot.")
    fraction: float = strawberry.field(description="How far its take is, 0 to 1.")


@strawberry.type(description="Something that happened to a render, or how far one of its shots is.")
class RenderProgress:
    """One message of renderProgress: either `event` and its `cursor`, or `shot`."""

    key: strawberry.Private[RenderId]
    cursor: str | None = strawberry.field(
        description="Points behind the event; give it as `after` to go on from here. Null beside `shot`."
    )
    event: Event | None = strawberry.field(description="What happened; each comes once and in order.")
    shot: ShotProgress | None = strawberry.field(description="How far a shot is; only the latest is told.")

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
        "render is over: finished, failed, canceled or deleted.",
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
        stream = (await load_render(context, key)).stream
        sources = merged(_events(stream_events(context, stream, after=after)), _shots(context, key))
        async with aclosing(sources) as news:
            async for told in news:
                if isinstance(told, Progress):
                    yield RenderProgress(key=key, cursor=None, event=None, shot=present_progress(told))
                    continue
                yield RenderProgress(key=key, cursor=told.cursor, event=present_event(told), shot=None)
                if await _is_end(context, told):
                    break


async def _events(events: AsyncGenerator[Told]) -> AsyncGenerator[Told | Progress]:
    async with aclosing(events):
        async for told in events:
            yield told


async def _is_end(context: Context, told: Told) -> bool:
    """Whether nothing comes after: a render that was over may have been taken up again, or deleted."""
    if told.event.name not in FINAL_EVENTS:
        return told.event.name == RENDER_DELETED
    later = await context.services.feed.read_stream(told.event.stream, after=told.event.number, limit=1)
    return not later


async def _shots(context: Context, key: RenderId) -> AsyncGenerator[Told | Progress]:
    async with aclosing(watch_progress(context.services.progress, key)) as news:
        async for progress in news:
            if progress.part.startswith(SHOT_PART):
                yield progress


def present_progress(progress: Progress) -> ShotProgress:
    try:
        key = UUID(progress.part.removeprefix(SHOT_PART))
    except ValueError:
        raise Invalid("Progress names no shot.") from None
    return ShotProgress(shot_id=global_id("Shot", key), fraction=progress.fraction)
