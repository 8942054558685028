"""The mutation renameStoryboard."""

from typing import Annotated

import strawberry

from api.context import Info
from api.node import local_id
from api.permissions import EDITOR
from api.storyboards.refusals import StoryboardNotFound
from api.storyboards.types import Storyboard, present_storyboard
from domain.identifiers import StoryboardId
from domain.storyboards.errors import StoryboardNotFound as NoStoryboard
from domain.storyboards.ports import overview_of
from domain.storyboards.use_cases.rename_storyboard import rename_storyboard


@strawberry.type(description="The storyboard has its new title.")
class StoryboardRenamed:
    """Success."""

    storyboard: Storyboard = strawberry.field(description="The storyboard, renamed.")


RenameStoryboardResult = Annotated[
    StoryboardRenamed | StoryboardNotFound,
    strawberry.union("RenameStoryboardResult", description="What renaming a storyboard can come to."),
]


@strawberry.input(description="Which storyboard gets which title.")
class RenameStoryboardInput:
    """The input of renameStoryboard."""

    id: strawberry.ID = strawberry.field(description="The storyboard.")
    title: str = strawberry.field(description="Its new title; up to 200 characters.")


@strawberry.type
class RenameStoryboard:
    """The mutation renameStoryboard."""

    @strawberry.mutation(description="Give a storyboard another title; it makes no version.", extensions=[EDITOR])
    async def rename_storyboard(
        self,
        info: Info,
        given: Annotated[RenameStoryboardInput, strawberry.argument(name="input", description="What to rename.")],
    ) -> RenameStoryboardResult:
        key = StoryboardId(local_id("Storyboard", given.id))
        try:
            async with info.context.work() as work:
                renamed = await rename_storyboard(work, storyboard_id=key, title=given.title, now=info.context.now())
        except NoStoryboard as fact:
            return StoryboardNotFound(message=fact.message)
        return StoryboardRenamed(storyboard=present_storyboard(overview_of(renamed)))
