"""What all edits of a storyboard share: how they name it, and what comes of them."""

from collections.abc import Awaitable, Callable

import strawberry

from api.context import Info
from api.node import local_id
from api.storyboards.refusals import EDIT_FACTS, EditRefusal, told_as
from api.storyboards.shot_types import Shot, present_shot
from api.storyboards.types import Storyboard, present_storyboard
from api.work import Work
from domain.identifiers import ShotId, StoryboardId
from domain.storyboards import models
from domain.storyboards.ports import overview_of
from domain.storyboards.use_cases.editing import Target


@strawberry.type(description="The storyboard has its next version.")
class StoryboardEdited:
    """Success of every edit."""

    storyboard: Storyboard = strawberry.field(description="The storyboard, edited.")
    shots: list[Shot] = strawberry.field(description="The shots of the new version, in order.")


EditOutcome = StoryboardEdited | EditRefusal
Edit = Callable[[Work, Target], Awaitable[models.Storyboard]]


@strawberry.input(description="Which storyboard is edited, as its editor saw it.")
class EditTargetInput:
    """The part of an edit's input that says what is edited."""

    storyboard_id: strawberry.ID = strawberry.field(description="The storyboard.")
    version: int = strawberry.field(description="The version that the editor saw; another one is a conflict.")


async def edit(info: Info, given: EditTargetInput, change: Edit) -> EditOutcome:
    """Run an edit in one transaction and tell what came of it."""
    key = StoryboardId(local_id("Storyboard", given.storyboard_id, field="storyboardId"))
    try:
        async with info.context.work() as work:
            edited = await change(work, Target(key, given.version))
    except EDIT_FACTS as fact:
        return told_as(fact)
    return StoryboardEdited(
        storyboard=present_storyboard(overview_of(edited)),
        shots=[present_shot(shot, number) for number, shot in enumerate(edited.shots, 1)],
    )


def shot_key(given: strawberry.ID) -> ShotId:
    return ShotId(local_id("Shot", given, field="shotId"))
