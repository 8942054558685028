"""The mutation updateShot."""

from dataclasses import replace
from typing import Annotated

import strawberry

from api.context import Info
from api.permissions import EDITOR
from api.storyboards.contents import CastMemberInput, DialogueLineInput, SettingInput
from api.storyboards.editing import EditOutcome, EditTargetInput, edit, shot_key
from domain.storyboards.edits import is_pictured_alike
from domain.storyboards.models import CameraMove, ShotContent, ShotSize, Transition
from domain.storyboards.use_cases.update_shot import update_shot

UpdateShotResult = Annotated[
    EditOutcome,
    strawberry.union("UpdateShotResult", description="What changing a shot can come to."),
]


@strawberry.input(description="What of a shot changes; what is left out or null stays as it is.")
class UpdateShotInput(EditTargetInput):
    """The input of updateShot."""

    shot_id: strawberry.ID = strawberry.field(description="The shot.")
    action: str | None = strawberry.field(default=None, description="What is to be seen; up to 2000 characters.")
    cast: list[CastMemberInput] | None = strawberry.field(default=None, description="All who are to be seen; up to 6.")
    extras: bool | None = strawberry.field(default=None, description="Whether others than the cast may be seen.")
    setting: SettingInput | None = strawberry.field(default=None, description="Where and when it plays, all of it.")
    dialogue: list[DialogueLineInput] | None = strawberry.field(default=None, description="All lines; up to 12.")
    narration: str | None = strawberry.field(default=None, description="What the captions tell.")
    prompt: str | None = strawberry.field(
        default=None,
        description="What is to be seen, in English, for engines; emptied by another action, cast, extras or setting "
        "without one, but not by another placement or mood.",
    )
    size: ShotSize | None = strawberry.field(default=None, description="How near the camera stands.")
    move: CameraMove | None = strawberry.field(default=None, description="What the camera does.")
    transition: Transition | None = strawberry.field(default=None, description="How the shot begins.")
    seconds: float | None = strawberry.field(default=None, description="How long it lasts; 1 to 20.")

    def applied_to(self, content: ShotContent) -> ShotContent:
        """Answer the content with what was given in place."""
        return replace(
            self._pictured(content),
            narration=content.narration if self.narration is None else self.narration,
            size=self.size or content.size,
            move=self.move or content.move,
            transition=self.transition or content.transition,
            seconds=content.seconds if self.seconds is None else self.seconds,
        )

    def _prompt(self, before: ShotContent, after: ShotContent) -> str:
        """A prompt that says what the shot does not show any more would be filmed all the same."""
        if self.prompt is not None:
            return self.prompt
        return before.prompt if is_pictured_alike(before, after) else ""

    def _pictured(self, content: ShotContent) -> ShotContent:
        cast = content.cast if self.cast is None else tuple(member.to_member() for member in self.cast)
        spoken = content.dialogue if self.dialogue is None else tuple(line.to_line() for line in self.dialogue)
        pictured = replace(
            content,
            action=content.action if self.action is None else self.action,
            cast=cast,
            extras=content.extras if self.extras is None else self.extras,
            setting=content.setting if self.setting is None else self.setting.to_setting(),
            dialogue=spoken,
        )
        return replace(pictured, prompt=self._prompt(content, pictured))


@strawberry.type
class UpdateShot:
    """The mutation updateShot."""

    @strawberry.mutation(description="Change what a shot shows, says or how it is filmed.", extensions=[EDITOR])
    async def update_shot(
        self,
        info: Info,
        given: Annotated[UpdateShotInput, strawberry.argument(name="input", description="What to change.")],
    ) -> UpdateShotResult:
        return await edit(
            info,
            given,
            lambda work, target: update_shot(
                work,
                target=target,
                shot_id=shot_key(given.shot_id),
                change=given.applied_to,
                now=info.context.now(),
            ),
        )
