"""The mutation moveShot."""

from typing import Annotated

import strawberry

from api.context import Info
from api.permissions import EDITOR
from api.storyboards.editing import EditOutcome, EditTargetInput, edit, shot_key
from domain.storyboards.use_cases.move_shot import move_shot

MoveShotResult = Annotated[
    EditOutcome,
    strawberry.union("MoveShotResult", description="What moving a shot can come to."),
]


@strawberry.input(description="A shot and its new place.")
class MoveShotInput(EditTargetInput):
    """The input of moveShot."""

    shot_id: strawberry.ID = strawberry.field(description="The shot.")
    position: int = strawberry.field(description="The number that it gets, from 1.")


@strawberry.type
class MoveShot:
    """The mutation moveShot."""

    @strawberry.mutation(description="Move a shot to another place in the order.", extensions=[EDITOR])
    async def move_shot(
        self,
        info: Info,
        given: Annotated[MoveShotInput, strawberry.argument(name="input", description="What to move.")],
    ) -> MoveShotResult:
        return await edit(
            info,
            given,
            lambda work, target: move_shot(
                work, target=target, shot_id=shot_key(given.shot_id), position=given.position, now=info.context.now()
            ),
        )
