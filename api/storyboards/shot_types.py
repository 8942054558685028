"""Shots as clients see them."""

import strawberry

from api.characters.loaders import CHARACTERS
from api.characters.types import Character, present_character
from api.context import Info
from api.node import global_id
from api.storyboards import words as _words
from domain.identifiers import CharacterId
from domain.storyboards import models
from domain.storyboards.models import CameraMove, Mood, Placement, Scenery, ShotSize, TimeOfDay, Transition, Weather

__all__ = ["CastMember", "DialogueLine", "Setting", "Shot", "present_shot"]
# The words must be in the schema before the types that use them.
_ = _words


@strawberry.type(description="Where and when a shot plays.")
class Setting:
    """A setting as clients see it."""

    name: str = strawberry.field(description="The place in the script's own words; may be empty.")
    scenery: Scenery = strawberry.field(description="The kind of place.")
    is_interior: bool = strawberry.field(description="Whether it is indoors.")
    time_of_day: TimeOfDay = strawberry.field(description="The light.")
    weather: Weather = strawberry.field(description="The weather.")
    mood: Mood = strawberry.field(description="The feeling that colours the light.")


@strawberry.type(description="A character that is to be seen in the shot.")
class CastMember:
    """A cast member as clients see it."""

    key: strawberry.Private[CharacterId]
    character_id: strawberry.ID = strawberry.field(description="The character's id.")
    placement: Placement = strawberry.field(description="Where they stand.")

    @strawberry.field(description="The character; null when it was deleted.")
    async def character(self, info: Info) -> Character | None:
        return await _character(info, self.key)


@strawberry.type(description="One spoken line.")
class DialogueLine:
    """A line as clients see it."""

    key: strawberry.Private[CharacterId | None]
    text: str = strawberry.field(description="The words.")
    speaker: str = strawberry.field(description="Who says them, as the audience knows them; may be empty.")
    character_id: strawberry.ID | None = strawberry.field(description="The speaker's id when they are a character.")

    @strawberry.field(description="The speaker when they are a character of the workspace.")
    async def character(self, info: Info) -> Character | None:
        return None if self.key is None else await _character(info, self.key)


@strawberry.type(description="One camera take of a storyboard.")
class Shot:
    """A shot as clients see it."""

    id: strawberry.ID = strawberry.field(description="Stays the shot's own through moves and edits.")
    number: int = strawberry.field(description="Its place in the storyboard, from 1.")
    action: str = strawberry.field(description="What is to be seen.")
    cast: list[CastMember] = strawberry.field(description="Who is to be seen; at most 6.")
    extras: bool = strawberry.field(
        description="Whether others than the cast may be seen, such as a crowd; where not, whoever else is there is a "
        "verdict against the picture."
    )
    setting: Setting = strawberry.field(description="Where and when it plays.")
    dialogue: list[DialogueLine] = strawberry.field(description="What is said, in order.")
    narration: str = strawberry.field(description="What the captions tell where nobody speaks; may be empty.")
    prompt: str = strawberry.field(
        description="What is to be seen, in English, for engines that read words; empty where nobody has written it."
    )
    size: ShotSize = strawberry.field(description="How near the camera stands.")
    move: CameraMove = strawberry.field(description="What the camera does.")
    transition: Transition = strawberry.field(description="How the shot begins.")
    seconds: float = strawberry.field(description="How long it lasts.")


async def _character(info: Info, key: CharacterId) -> Character | None:
    found = await info.context.load(CHARACTERS, key)
    return None if found is None else present_character(found)


def present_shot(model: models.Shot, number: int) -> Shot:
    content = model.content
    return Shot(
        id=global_id("Shot", model.id),
        number=number,
        action=content.action,
        cast=[present_member(member) for member in content.cast],
        extras=content.extras,
        setting=present_setting(content.setting),
        dialogue=[present_line(line) for line in content.dialogue],
        narration=content.narration,
        prompt=content.prompt,
        size=content.size,
        move=content.move,
        transition=content.transition,
        seconds=content.seconds,
    )


def present_member(member: models.CastMember) -> CastMember:
    key = member.character_id
    return CastMember(key=key, character_id=global_id("Character", key), placement=member.placement)


def present_line(line: models.DialogueLine) -> DialogueLine:
    key = line.character_id
    character_id = None if key is None else global_id("Character", key)
    return DialogueLine(key=key, text=line.text, speaker=line.speaker, character_id=character_id)


def present_setting(setting: models.Setting) -> Setting:
    return Setting(
        name=setting.name,
        scenery=setting.scenery,
        is_interior=setting.is_interior,
        time_of_day=setting.time_of_day,
        weather=setting.weather,
        mood=setting.mood,
    )
