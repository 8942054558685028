"""The mutation restoreStoryboardVersion."""

from typing import Annotated

import strawberry

from api.context import Info
from api.permissions import EDITOR
from api.storyboards.editing import EditOutcome, EditTargetInput, edit
from domain.storyboards.use_cases.restore_version import restore_version

RestoreStoryboardVersionResult = Annotated[
    EditOutcome,
    strawberry.union("RestoreStoryboardVersionResult", description="What restoring a version can come to."),
]


@strawberry.input(description="The version to go back to.")
class RestoreStoryboardVersionInput(EditTargetInput):
    """The input of restoreStoryboardVersion."""

    restored_version: int = strawberry.field(description="The version whose shots come back.")


@strawberry.type
class RestoreStoryboardVersion:
    """The mutation restoreStoryboardVersion."""

    @strawberry.mutation(description="Undo to any earlier version; the undo is itself a version.", extensions=[EDITOR])
    async def restore_storyboard_version(
        self,
        info: Info,
        given: Annotated[
            RestoreStoryboardVersionInput, strawberry.argument(name="input", description="What to restore.")
        ],
    ) -> RestoreStoryboardVersionResult:
        return await edit(
            info,
            given,
            lambda work, target: restore_version(
                work, target=target, restored_version=given.restored_version, now=info.context.now()
            ),
        )
