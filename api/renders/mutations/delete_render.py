"""The mutation deleteRender."""

from typing import Annotated

import strawberry

from api.context import Info
from api.node import global_id, local_id
from api.permissions import EDITOR
from api.renders.refusals import RenderNotFound
from domain.identifiers import RenderId
from domain.renders.errors import RenderNotFound as NoRender
from domain.renders.use_cases.delete_render import delete_render


@strawberry.type(description="The render is gone, with its shots, takes and film.")
class RenderDeleted:
    """Success."""

    id: strawberry.ID = strawberry.field(description="The render that was deleted.")


DeleteRenderResult = Annotated[
    RenderDeleted | RenderNotFound,
    strawberry.union("DeleteRenderResult", description="What deleting a render can come to."),
]


@strawberry.type
class DeleteRender:
    """The mutation deleteRender."""

    @strawberry.mutation(
        description="Delete a render with its takes and its film, canceling it first where it still runs. Its files "
        "are removed soon after; takes that another render uses too stay for that one.",
        extensions=[EDITOR],
    )
    async def delete_render(
        self, info: Info, render_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The render.")]
    ) -> DeleteRenderResult:
        key = RenderId(local_id("Render", render_id))
        try:
            async with info.context.work() as work:
                deleted = await delete_render(work, render_id=key, now=info.context.now())
        except NoRender as fact:
            return RenderNotFound(message=fact.message)
        return RenderDeleted(id=global_id("Render", deleted.id))
