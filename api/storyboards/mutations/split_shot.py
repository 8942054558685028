"""The mutation splitShot."""

from typing import Annotated

import strawberry

from api.context import Info
from api.permissions import EDITOR
from api.storyboards.editing import EditOutcome, EditTargetInput, edit, shot_key
from domain.storyboards.use_cases.split_shot import split_shot

SplitShotResult = Annotated[
    EditOutcome,
    strawberry.union("SplitShotResult", description="What splitting a shot can come to."),
]


@strawberry.input(description="A shot and where it is cut.")
class SplitShotInput(EditTargetInput):
    """The input of splitShot."""

    shot_id: strawberry.ID = strawberry.field(description="The shot; its first half stays the same shot.")
    at_seconds: float | None = strawberry.field(
        default=None, description="The moment of the cut, from the shot's beginning; the middle when left out."
    )


@strawberry.type
class SplitShot:
    """The mutation splitShot."""

    @strawberry.mutation(
        description="Cut a shot in two, each with something to show, tell or say; "
        "the words go to the half in which they are read.",
        extensions=[EDITOR],
    )
    async def split_shot(
        self,
        info: Info,
        given: Annotated[SplitShotInput, strawberry.argument(name="input", description="What to split.")],
    ) -> SplitShotResult:
        return await edit(
            info,
            given,
            lambda work, target: split_shot(
                work,
                target=target,
                shot_id=shot_key(given.shot_id),
                at_seconds=given.at_seconds,
                now=info.context.now(),
            ),
        )
