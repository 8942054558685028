"""The mutation deleteShot."""

from typing import Annotated

import strawberry

from api.context import Info
from api.permissions import EDITOR
from api.storyboards.editing import EditOutcome, EditTargetInput, edit, shot_key
from domain.storyboards.use_cases.delete_shot import delete_shot

DeleteShotResult = Annotated[
    EditOutcome,
    strawberry.union("DeleteShotResult", description="What deleting a shot can come to."),
]


@strawberry.input(description="A shot to be taken out.")
class DeleteShotInput(EditTargetInput):
    """The input of deleteShot."""

    shot_id: strawberry.ID = strawberry.field(description="The shot.")


@strawberry.type
class DeleteShot:
    """The mutation deleteShot."""

    @strawberry.mutation(description="Take a shot out; earlier versions keep it.", extensions=[EDITOR])
    async def delete_shot(
        self,
        info: Info,
        given: Annotated[DeleteShotInput, strawberry.argument(name="input", description="What to delete.")],
    ) -> DeleteShotResult:
        return await edit(
            info,
            given,
            lambda work, target: delete_shot(
                work, target=target, shot_id=shot_key(given.shot_id), now=info.context.now()
            ),
        )
