"""What the model is asked to answer: shots as JSON, checked before anything of them is believed."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.errors import Invalid
from domain.identifiers import CharacterId
from domain.storyboards.models import (
    CAST_IN_SHOT_MAX,
    SHOT_SECONDS_MAX,
    SHOT_SECONDS_MIN,
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
from domain.storyboards.ports import KnownCharacter
from domain.storyboards.texts import checked_content

Problem = str


class Draft(BaseModel):
    """Strict about its fields: an unknown one is a sign that the model has lost the thread."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SettingDraft(Draft):
    """Where and when."""

    name: str
    scenery: Scenery
    is_interior: bool
    time_of_day: TimeOfDay
    weather: Weather
    mood: Mood


class CastDraft(Draft):
    """Who is seen, by the key that the prompt gave."""

    character: str
    placement: Placement


class LineDraft(Draft):
    """What is said; `character` is a key or empty."""

    speaker: str
    character: str
    text: str


class ShotDraft(Draft):
    """One shot as the model writes it."""

    action: str
    prompt: str
    narration: str
    cast: list[CastDraft]
    extras: bool
    setting: SettingDraft
    dialogue: list[LineDraft]
    size: ShotSize
    move: CameraMove
    transition: Transition
    seconds: float


class StoryboardDraft(Draft):
    """The whole answer; only its schema is used, the shots are read one by one as they arrive."""

    shots: Annotated[list[ShotDraft], Field(description="The shots in order.")]


def keys_of(cast: Sequence[KnownCharacter]) -> dict[str, KnownCharacter]:
    """Name the characters C1, C2, ... so that the model neither sees nor invents identifiers."""
    return {f"C{number}": character for number, character in enumerate(cast, 1)}


def answer_schema() -> Mapping[str, object]:
    """Answer the JSON schema of the whole answer, in the subset that strict structured output takes."""
    return StoryboardDraft.model_json_schema()


def read_shot(written: str, cast: Mapping[str, KnownCharacter]) -> ShotContent | Problem:
    """Answer the shot in a piece of JSON, or what is wrong with it in words for the model."""
    try:
        draft = ShotDraft.model_validate_json(written)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in first['loc']) or 'shot'}: {first['msg']}"
    strangers = [key for key in _named(draft) if key not in cast]
    if strangers:
        return f"{strangers[0]!r} is no key of the cast; use {', '.join(cast) or 'no keys at all'}."
    try:
        return checked_content(_content(draft, {key: character.id for key, character in cast.items()}))
    except Invalid as refusal:
        return f"{refusal.field}: {refusal.message}"


def _named(draft: ShotDraft) -> list[str]:
    return [
        *(member.character for member in draft.cast),
        *(line.character for line in draft.dialogue if line.character),
    ]


def _content(draft: ShotDraft, ids: Mapping[str, CharacterId]) -> ShotContent:
    listed = {member.character: member for member in draft.cast}
    seen = dict(list(listed.items())[:CAST_IN_SHOT_MAX])
    setting = draft.setting
    return ShotContent(
        action=draft.action,
        cast=tuple(CastMember(ids[key], member.placement) for key, member in seen.items()),
        extras=draft.extras or len(seen) < len(listed),
        setting=Setting(
            setting.name, setting.scenery, setting.is_interior, setting.time_of_day, setting.weather, setting.mood
        ),
        dialogue=tuple(
            DialogueLine(line.text, line.speaker, ids[line.character] if line.character else None)
            for line in draft.dialogue
            if line.text.strip()
        ),
        narration=draft.narration,
        prompt=draft.prompt,
        size=draft.size,
        move=draft.move,
        transition=draft.transition,
        # Off by a little is no reason for another round; a length that is no number at all has failed before.
        seconds=min(SHOT_SECONDS_MAX, max(SHOT_SECONDS_MIN, draft.seconds)),
    )
