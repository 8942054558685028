"""The mutation createStoryboard."""

from typing import Annotated

import strawberry

from api.context import Info
from api.node import global_id
from api.permissions import EDITOR
from api.storyboards.contents import character_key
from api.storyboards.refusals import CastAmbiguous, CastMemberNotFound, ScriptTooLong
from api.storyboards.types import Storyboard, present_storyboard
from domain.storyboards import errors
from domain.storyboards.ports import overview_of
from domain.storyboards.use_cases.create_storyboard import ScriptOrder, create_storyboard


@strawberry.type(description="The storyboard is there; its shots are being written.")
class StoryboardCreated:
    """Success."""

    storyboard: Storyboard = strawberry.field(description="The storyboard; follow its shots with `storyboardProgress`.")


CreateStoryboardResult = Annotated[
    StoryboardCreated | ScriptTooLong | CastMemberNotFound | CastAmbiguous,
    strawberry.union("CreateStoryboardResult", description="What creating a storyboard can come to."),
]


@strawberry.input(description="A script to be made into a storyboard.")
class CreateStoryboardInput:
    """The input of createStoryboard."""

    script: str = strawberry.field(
        description="Prose, a play or a screenplay, in any language; up to 200,000 characters "
        "that make at most 1,000 shots."
    )
    title: str = strawberry.field(description="Its title; up to 200 characters.")
    language: str | None = strawberry.field(
        default=None, description="The script's language as a BCP 47 tag; found out when left out."
    )
    cast: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="Characters that may be cast, up to 50; when left out the newest 500 of the workspace, when empty "
        "nobody. Of many that were not chosen a language model is told of those whom the script names, then of the "
        "newest.",
    )
    style: str = strawberry.field(
        default="",
        description="How the film is to look, up to 500 characters. `animatic` has a style of its own and ignores it.",
    )
    seconds_target: float | None = strawberry.field(default=None, description="How long the film is to be, in seconds.")


@strawberry.type
class CreateStoryboard:
    """The mutation createStoryboard."""

    @strawberry.mutation(
        description="Have a storyboard written from a script; the shots appear one by one.", extensions=[EDITOR]
    )
    async def create_storyboard(
        self,
        info: Info,
        given: Annotated[CreateStoryboardInput, strawberry.argument(name="input", description="The script.")],
    ) -> CreateStoryboardResult:
        context = info.context
        order = ScriptOrder(
            script=given.script,
            title=given.title,
            language=given.language,
            cast=None if given.cast is None else [character_key(each, field="cast") for each in given.cast],
            style=given.style,
            seconds_target=given.seconds_target,
        )
        try:
            async with context.work() as work:
                created = await create_storyboard(
                    work, workspace_id=context.caller.workspace_id, order=order, now=context.now()
                )
        except errors.ScriptTooLong as fact:
            return ScriptTooLong(message=fact.message)
        except errors.CastMemberNotFound as fact:
            return CastMemberNotFound(message=fact.message)
        except errors.CastAmbiguous as fact:
            named = [global_id("Character", each) for each in fact.character_ids]
            return CastAmbiguous(message=fact.message, character_ids=named)
        return StoryboardCreated(storyboard=present_storyboard(overview_of(created)))
