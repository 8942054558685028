"""The mutation mergeShots."""

from typing import Annotated

import strawberry

from api.context import Info
from api.permissions import EDITOR
from api.storyboards.editing import EditOutcome, EditTargetInput, edit, shot_key
from domain.storyboards.use_cases.merge_shots import merge_shots

MergeShotsResult = Annotated[
    EditOutcome,
    strawberry.union("MergeShotsResult", description="What merging two shots can come to."),
]


@strawberry.input(description="A shot that takes in the one after it.")
class MergeShotsInput(EditTargetInput):
    """The input of mergeShots."""

    shot_id: strawberry.ID = strawberry.field(description="The first of the two; it stays the same shot.")


@strawberry.type
class MergeShots:
    """The mutation mergeShots."""

    @strawberry.mutation(
        description="Join a shot with the one after it; a prompt stays where both have one.", extensions=[EDITOR]
    )
    async def merge_shots(
        self,
        info: Info,
        given: Annotated[MergeShotsInput, strawberry.argument(name="input", description="What to merge.")],
    ) -> MergeShotsResult:
        return await edit(
            info,
            given,
            lambda work, target: merge_shots(
                work, target=target, shot_id=shot_key(given.shot_id), now=info.context.now()
            ),
        )
