"""The mutation retryRender."""

from typing import Annotated

import strawberry

from api.context import Info
from api.node import local_id
from api.permissions import EDITOR
from api.renders.refusals import BudgetTooSmall, CharacterNotReady, RenderNotFound, RenderStateRefused
from api.renders.types import Render, present_render
from domain.identifiers import RenderId
from domain.renders import errors
from domain.renders.use_cases.deciding import retry_render


@strawberry.type(description="The render films its failed shots again.")
class RenderRetried:
    """Success."""

    render: Render = strawberry.field(description="The render.")


RetryRenderResult = Annotated[
    RenderRetried | RenderNotFound | RenderStateRefused | BudgetTooSmall | CharacterNotReady,
    strawberry.union("RetryRenderResult", description="What retrying a render can come to."),
]


@strawberry.type
class RetryRender:
    """The mutation retryRender."""

    @strawberry.mutation(
        description="Film the failed shots of a failed render again: with new seeds where the identity gate refused "
        "them, else where they broke. Shots that have a take keep it.",
        extensions=[EDITOR],
    )
    async def retry_render(
        self, info: Info, render_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The render.")]
    ) -> RetryRenderResult:
        context, key = info.context, RenderId(local_id("Render", render_id))
        try:
            async with context.work() as work:
                render = await retry_render(work, render_id=key, engines=context.services.engines, now=context.now())
        except errors.RenderNotFound as fact:
            return RenderNotFound(message=fact.message)
        except errors.RenderMoveRefused as fact:
            return RenderStateRefused(message=fact.message)
        except errors.BudgetTooSmall as fact:
            return BudgetTooSmall(message=fact.message)
        except errors.CharacterNotReady as fact:
            return CharacterNotReady(message=fact.message)
        return RenderRetried(render=present_render(render))
