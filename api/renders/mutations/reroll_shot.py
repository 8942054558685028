"""The mutation rerollShot."""

from typing import Annotated

import strawberry

from api.context import Info
from api.node import local_id
from api.permissions import EDITOR
from api.renders.refusals import (
    BudgetTooSmall,
    CharacterNotReady,
    RenderNotFound,
    RenderShotNotFound,
    RenderStateRefused,
)
from api.renders.types import Render, present_render
from domain.identifiers import RenderId, ShotId
from domain.renders import errors
from domain.renders.use_cases.deciding import reroll_shot


@strawberry.type(description="The shot gets another take; the film is joined again after that.")
class ShotRerolled:
    """Success."""

    render: Render = strawberry.field(description="The render.")


RerollShotResult = Annotated[
    ShotRerolled | RenderNotFound | RenderShotNotFound | RenderStateRefused | BudgetTooSmall | CharacterNotReady,
    strawberry.union("RerollShotResult", description="What re-rolling a shot can come to."),
]


@strawberry.input(description="Which shot of which render to film again.")
class RerollShotInput:
    """The input of rerollShot."""

    render_id: strawberry.ID = strawberry.field(description="The render.")
    shot_id: strawberry.ID = strawberry.field(description="The shot; it has a take, or failed.")


@strawberry.type
class RerollShot:
    """The mutation rerollShot."""

    @strawberry.mutation(
        description="Make a new take of one shot with a seed not used yet, and join the film again. Later renders of "
        "the storyboard keep that take.",
        extensions=[EDITOR],
    )
    async def reroll_shot(
        self,
        info: Info,
        given: Annotated[RerollShotInput, strawberry.argument(name="input", description="Which shot.")],
    ) -> RerollShotResult:
        context = info.context
        render_id = RenderId(local_id("Render", given.render_id, field="renderId"))
        shot_id = ShotId(local_id("Shot", given.shot_id, field="shotId"))
        engines, now = context.services.engines, context.now()
        try:
            async with context.work() as work:
                render = await reroll_shot(work, render_id=render_id, shot_id=shot_id, engines=engines, now=now)
        except errors.RenderNotFound as fact:
            return RenderNotFound(message=fact.message)
        except errors.RenderShotNotFound as fact:
            return RenderShotNotFound(message=fact.message)
        except (errors.RenderMoveRefused, errors.ShotMoveRefused) as fact:
            return RenderStateRefused(message=fact.message)
        except errors.BudgetTooSmall as fact:
            return BudgetTooSmall(message=fact.message)
        except errors.CharacterNotReady as fact:
            return CharacterNotReady(message=fact.message)
        return ShotRerolled(render=present_render(render))
