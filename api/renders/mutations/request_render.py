"""The mutation requestRender."""

from typing import Annotated

import strawberry

from api.context import Info
from api.node import local_id
from api.permissions import EDITOR
from api.renders.refusals import BudgetTooSmall, CharacterNotReady, StoryboardNotReady
from api.renders.settings_types import BudgetInput, RenderSettingsInput
from api.renders.types import Render, present_render
from domain.identifiers import StoryboardId
from domain.renders import errors
from domain.renders.drafts import RenderRequest
from domain.renders.use_cases.ordering import request_render


@strawberry.type(description="The render is ordered; follow it with renderProgress.")
class RenderRequested:
    """Success."""

    render: Render = strawberry.field(description="The render.")


RequestRenderResult = Annotated[
    RenderRequested | StoryboardNotReady | CharacterNotReady | BudgetTooSmall,
    strawberry.union("RequestRenderResult", description="What ordering a render can come to."),
]


@strawberry.input(description="What to film, how, and what it may cost.")
class RequestRenderInput:
    """The input of requestRender."""

    storyboard_id: strawberry.ID = strawberry.field(description="What to film; it is frozen as it stands.")
    settings: RenderSettingsInput | None = strawberry.field(default=None, description="The defaults if left out.")
    budget: BudgetInput | None = strawberry.field(default=None, description="No limit if left out.")


@strawberry.type
class RequestRender:
    """The mutation requestRender."""

    @strawberry.mutation(
        description="Freeze a storyboard and film it. Shots that an earlier render filmed as they are now are taken "
        "over.",
        extensions=[EDITOR],
    )
    async def request_render(
        self,
        info: Info,
        given: Annotated[RequestRenderInput, strawberry.argument(name="input", description="What to film.")],
    ) -> RequestRenderResult:
        context = info.context
        request = RenderRequest(
            workspace_id=context.caller.workspace_id,
            storyboard_id=StoryboardId(local_id("Storyboard", given.storyboard_id, field="storyboardId")),
            settings=(given.settings or RenderSettingsInput()).read(),
            budget=(given.budget or BudgetInput()).read(),
            requested_by=context.caller.user_id,
        )
        try:
            async with context.work() as work:
                render = await request_render(
                    work, request=request, engines=context.services.engines, now=context.now()
                )
        except errors.StoryboardNotReady as fact:
            return StoryboardNotReady(message=fact.message)
        except errors.CharacterNotReady as fact:
            return CharacterNotReady(message=fact.message)
        except errors.BudgetTooSmall as fact:
            return BudgetTooSmall(message=fact.message)
        return RenderRequested(render=present_render(render))
