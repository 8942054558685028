"""The content of a shot as clients give it."""

import strawberry

from api.node import local_id
from api.storyboards import words as _words
from domain.identifiers import CharacterId
from domain.storyboards.models import (
    CameraMove,
    CastMember,
    DialogueLine,
    Mood,
    Placement,
    Scenery,
    Setting,
    ShotContent,
    ShotSize,
    TimeOfDay,
    Transition,
    Weather,
)

# The words must be in the schema before the inputs that use them.
_ = _words


@strawberry.input(description="Where and when a shot plays.")
class SettingInput:
    """A setting."""

    name: str = strawberry.field(default="", description="The place in words; up to 200 characters.")
    scenery: Scenery = strawberry.field(default=Scenery.FIELD, description="The kind of place.")
    is_interior: bool = strawberry.field(default=False, description="Whether it is indoors.")
    time_of_day: TimeOfDay = strawberry.field(default=TimeOfDay.DAY, description="The light.")
    weather: Weather = strawberry.field(default=Weather.CLEAR, description="The weather.")
    mood: Mood = strawberry.field(default=Mood.NEUTRAL, description="The feeling that colours the light.")

    def to_setting(self) -> Setting:
        return Setting(self.name, self.scenery, self.is_interior, self.time_of_day, self.weather, self.mood)


@strawberry.input(description="A character that is to be seen in the shot.")
class CastMemberInput:
    """A cast member."""

    character_id: strawberry.ID = strawberry.field(description="The character.")
    placement: Placement = strawberry.field(default=Placement.AUTOMATIC, description="Where they stand.")

    def to_member(self) -> CastMember:
        return CastMember(character_key(self.character_id, field="cast"), self.placement)


@strawberry.input(description="One spoken line.")
class DialogueLineInput:
    """A line of dialogue."""

    text: str = strawberry.field(description="The words; up to 2000 characters.")
    speaker: str = strawberry.field(default="", description="Who says them; up to 100 characters.")
    character_id: strawberry.ID | None = strawberry.field(
        default=None, description="The speaker when they are a character."
    )

    def to_line(self) -> DialogueLine:
        speaker = None if self.character_id is None else character_key(self.character_id, field="dialogue")
        return DialogueLine(self.text, self.speaker, speaker)


@strawberry.input(description="What a shot shows, says and how it is filmed.")
class ShotContentInput:
    """A shot's content."""

    action: str = strawberry.field(description="What is to be seen; up to 2000 characters.")
    cast: list[CastMemberInput] = strawberry.field(
        default_factory=list[CastMemberInput], description="Who is to be seen; up to 6."
    )
    extras: bool = strawberry.field(
        default=False, description="Whether others than the cast may be seen, such as a crowd or passers-by."
    )
    setting: SettingInput = strawberry.field(default_factory=SettingInput, description="Where and when it plays.")
    dialogue: list[DialogueLineInput] = strawberry.field(
        default_factory=list[DialogueLineInput], description="What is said, in order; up to 12 lines."
    )
    narration: str = strawberry.field(default="", description="What the captions tell; up to 2000 characters.")
    prompt: str = strawberry.field(
        default="", description="What is to be seen, in English, for engines that read words; up to 2000 characters."
    )
    size: ShotSize = strawberry.field(default=ShotSize.MEDIUM, description="How near the camera stands.")
    move: CameraMove = strawberry.field(default=CameraMove.STATIC, description="What the camera does.")
    transition: Transition = strawberry.field(default=Transition.CUT, description="How the shot begins.")
    seconds: float = strawberry.field(default=4.0, description="How long it lasts; 1 to 20.")

    def to_content(self) -> ShotContent:
        return ShotContent(
            action=self.action,
            cast=tuple(member.to_member() for member in self.cast),
            extras=self.extras,
            setting=self.setting.to_setting(),
            dialogue=tuple(line.to_line() for line in self.dialogue),
            narration=self.narration,
            prompt=self.prompt,
            size=self.size,
            move=self.move,
            transition=self.transition,
            seconds=self.seconds,
        )


def character_key(given: strawberry.ID, *, field: str) -> CharacterId:
    return CharacterId(local_id("Character", given, field=field))
