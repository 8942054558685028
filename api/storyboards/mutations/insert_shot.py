"""The mutation insertShot."""

from typing import Annotated

import strawberry

from api.context import Info
from api.permissions import EDITOR
from api.storyboards.contents import ShotContentInput
from api.storyboards.editing import EditOutcome, EditTargetInput, edit
from domain.storyboards.use_cases.insert_shot import insert_shot

InsertShotResult = Annotated[
    EditOutcome,
    strawberry.union("InsertShotResult", description="What inserting a shot can come to."),
]


@strawberry.input(description="A new shot and its place.")
class InsertShotInput(EditTargetInput):
    """The input of insertShot."""

    shot: ShotContentInput = strawberry.field(description="What the shot shows, says and how it is filmed.")
    position: int | None = strawberry.field(default=None, description="Its number from 1; at the end when left out.")


@strawberry.type
class InsertShot:
    """The mutation insertShot."""

    @strawberry.mutation(description="Insert a shot.", extensions=[EDITOR])
    async def insert_shot(
        self,
        info: Info,
        given: Annotated[InsertShotInput, strawberry.argument(name="input", description="The shot.")],
    ) -> InsertShotResult:
        return await edit(
            info,
            given,
            lambda work, target: insert_shot(
                work, target=target, content=given.shot.to_content(), position=given.position, now=info.context.now()
            ),
        )
