"""The mutation cancelRender."""

from typing import Annotated

import strawberry

from api.context import Info
from api.enums import describe_enum
from api.node import local_id
from api.permissions import EDITOR
from api.renders.types import Render, present_render
from domain.identifiers import RenderId
from domain.renders.use_cases.deciding import CancelOutcome, cancel_render

describe_enum(
    CancelOutcome,
    "What asking for a cancel came to.",
    {
        CancelOutcome.CANCELED: "It is canceled and nothing of it runs.",
        CancelOutcome.CANCELLATION_REQUESTED: "It is canceled; a worker that still holds some of it was told to stop, "
        "and nothing that it makes is kept.",
        CancelOutcome.ALREADY_FINISHED: "It was over before; nothing changed.",
        CancelOutcome.NOT_FOUND: "There is no such render, or it is not yours.",
    },
)


@strawberry.type(description="What asking for a cancel came to, and the render as it is now.")
class CancelRenderResult:
    """The outcome."""

    outcome: CancelOutcome = strawberry.field(description="What it came to.")
    render: Render | None = strawberry.field(description="The render; null when there is none.")


@strawberry.type
class CancelRender:
    """The mutation cancelRender."""

    @strawberry.mutation(
        description="Stop a render for good. Asking again answers the same.",
        extensions=[EDITOR],
    )
    async def cancel_render(
        self, info: Info, render_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The render.")]
    ) -> CancelRenderResult:
        key = RenderId(local_id("Render", render_id))
        async with info.context.work() as work:
            cancel = await cancel_render(work, render_id=key, now=info.context.now())
        render = present_render(cancel.render) if cancel.render else None
        return CancelRenderResult(outcome=cancel.outcome, render=render)
