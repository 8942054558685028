"""The mutation deleteStoryboard."""

from typing import Annotated

import strawberry

from api.context import Info
from api.node import local_id
from api.permissions import EDITOR
from api.storyboards.refusals import StoryboardNotFound
from domain.identifiers import StoryboardId
from domain.storyboards.errors import StoryboardNotFound as NoStoryboard
from domain.storyboards.use_cases.delete_storyboard import delete_storyboard


@strawberry.type(description="The storyboard is gone with its shots and versions; films of it stay.")
class StoryboardDeleted:
    """Success."""

    id: strawberry.ID = strawberry.field(description="The storyboard that was deleted.")


DeleteStoryboardResult = Annotated[
    StoryboardDeleted | StoryboardNotFound,
    strawberry.union("DeleteStoryboardResult", description="What deleting a storyboard can come to."),
]


@strawberry.input(description="The storyboard to be deleted.")
class DeleteStoryboardInput:
    """The input of deleteStoryboard."""

    id: strawberry.ID = strawberry.field(description="The storyboard.")


@strawberry.type
class DeleteStoryboard:
    """The mutation deleteStoryboard."""

    @strawberry.mutation(description="Delete a storyboard and stop its writer.", extensions=[EDITOR])
    async def delete_storyboard(
        self,
        info: Info,
        given: Annotated[DeleteStoryboardInput, strawberry.argument(name="input", description="What to delete.")],
    ) -> DeleteStoryboardResult:
        key = StoryboardId(local_id("Storyboard", given.id))
        try:
            async with info.context.work() as work:
                await delete_storyboard(work, storyboard_id=key)
        except NoStoryboard as fact:
            return StoryboardNotFound(message=fact.message)
        return StoryboardDeleted(id=given.id)
