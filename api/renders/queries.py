"""Renders, listed and one by one; quotes; engines."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Context, Info
from api.node import Node, local_id
from api.paging import Connection, Paged, connection
from api.permissions import VIEWER
from api.renders.consistency_types import ConsistencyReport, present_report
from api.renders.engine_types import Engine, present_engine
from api.renders.loaders import RENDERS, REPORTS
from api.renders.quote_types import Quote, present_quote
from api.renders.settings_types import RenderSettingsInput
from api.renders.types import Render, present_render
from domain.identifiers import RenderId, StoryboardId
from domain.paging import PageRequest
from domain.renders.drafts import RenderRequest
from domain.renders.use_cases.ordering import quote_render


@strawberry.type
class RenderQueries:
    """Renders."""

    @strawberry.field(description="The renders of the workspace, newest first.", extensions=[VIEWER, Paged()])
    async def renders(
        self,
        info: Info,
        page: PageRequest,
        storyboard_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those of this storyboard.")
        ] = None,
    ) -> Connection[Render]:
        key = None
        if storyboard_id is not None:
            key = StoryboardId(local_id("Storyboard", storyboard_id, field="storyboardId"))
        async with info.context.work() as work:
            found = await work.render_reads.page(page, storyboard_id=key)
        return connection(found, present_render)

    @strawberry.field(description="One render; null when there is none or it is not yours.", extensions=[VIEWER])
    async def render(
        self, info: Info, render_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The render.")]
    ) -> Render | None:
        found = await info.context.load(RENDERS, RenderId(local_id("Render", render_id)))
        return None if found is None else present_render(found)

    @strawberry.field(
        description="How consistent the cast of a render's film is; null while there is no report, and when there is "
        "no such render or it is not yours.",
        extensions=[VIEWER],
    )
    async def consistency_report(
        self, info: Info, render_id: Annotated[strawberry.ID, strawberry.argument(description="The render.")]
    ) -> ConsistencyReport | None:
        key = RenderId(local_id("Render", render_id, field="renderId"))
        found = await info.context.load(REPORTS, key)
        return None if found is None else present_report(found)

    @strawberry.field(
        description="What a render would do: which shots are stale and why, what they cost, how long they take. Orders "
        "nothing. The error is CONFLICT while the storyboard is being written or a cast member has no picture.",
        extensions=[VIEWER],
    )
    async def quote_render(
        self,
        info: Info,
        storyboard_id: Annotated[strawberry.ID, strawberry.argument(description="What to film.")],
        settings: Annotated[
            RenderSettingsInput | None, strawberry.argument(description="What you would choose; the defaults if not.")
        ] = None,
    ) -> Quote:
        context = info.context
        request = RenderRequest(
            workspace_id=context.caller.workspace_id,
            storyboard_id=StoryboardId(local_id("Storyboard", storyboard_id, field="storyboardId")),
            settings=(settings or RenderSettingsInput()).read(),
        )
        async with context.work() as work:
            quote = await quote_render(work, request=request, engines=context.services.engines, now=context.now())
        return present_quote(quote, request.settings)

    @strawberry.field(description="The engines that can be ordered here.", extensions=[VIEWER])
    async def engines(self, info: Info) -> list[Engine]:
        return [present_engine(engine) for engine in info.context.services.engines.engines]


async def fetch_render_nodes(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Node]:
    """Renders by their keys, for `node` and `nodes`."""
    async with context.work() as work:
        found = await work.render_reads.find_many([RenderId(key) for key in keys])
    return {UUID(str(key)): present_render(render) for key, render in found.items()}
