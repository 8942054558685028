"""Facts about storyboards that keep a mutation from doing what it was asked."""

import strawberry

from api.results import Refusal
from domain.errors import LabError
from domain.storyboards import errors


@strawberry.type(description="There is no such storyboard; perhaps it was deleted.")
class StoryboardNotFound(Refusal):
    """A fact."""


@strawberry.type(description="There is no such shot in the storyboard as it stands.")
class ShotNotFound(Refusal):
    """A fact."""


@strawberry.type(description="The storyboard never had that version.")
class StoryboardVersionNotFound(Refusal):
    """A fact."""


@strawberry.type(description="Somebody edited the storyboard since the caller saw it: look again, then edit.")
class StoryboardVersionConflict(Refusal):
    """A fact."""

    actual_version: int = strawberry.field(description="The version that the storyboard has now.")


@strawberry.type(description="The storyboard is still being written: edits wait for `StoryboardWritten`.")
class StoryboardBeingWritten(Refusal):
    """A fact."""


@strawberry.type(description="A character that was to be cast is not of this workspace; perhaps it was deleted.")
class CastMemberNotFound(Refusal):
    """A fact."""


@strawberry.type(
    description="The script names somebody, and several characters of that name could be meant: choose the cast."
)
class CastAmbiguous(Refusal):
    """A fact."""

    character_ids: list[strawberry.ID] = strawberry.field(description="The characters of that name.")


@strawberry.type(description="A storyboard holds at most 1000 shots.")
class TooManyShots(Refusal):
    """A fact."""


@strawberry.type(description="The script is longer than is read.")
class ScriptTooLong(Refusal):
    """A fact."""


PlainRefusal = (
    StoryboardNotFound
    | ShotNotFound
    | StoryboardVersionNotFound
    | StoryboardBeingWritten
    | CastMemberNotFound
    | TooManyShots
)
EditRefusal = PlainRefusal | StoryboardVersionConflict
EDIT_FACTS = (
    errors.StoryboardNotFound,
    errors.ShotNotFound,
    errors.VersionNotFound,
    errors.StoryboardVersionConflict,
    errors.StoryboardBeingWritten,
    errors.CastMemberNotFound,
    errors.TooManyShots,
)
_TOLD: dict[type[LabError], type[PlainRefusal]] = {
    errors.StoryboardNotFound: StoryboardNotFound,
    errors.ShotNotFound: ShotNotFound,
    errors.VersionNotFound: StoryboardVersionNotFound,
    errors.StoryboardBeingWritten: StoryboardBeingWritten,
    errors.CastMemberNotFound: CastMemberNotFound,
    errors.TooManyShots: TooManyShots,
}


def told_as(fact: LabError) -> EditRefusal:
    """Answer one of EDIT_FACTS as clients see it."""
    if isinstance(fact, errors.StoryboardVersionConflict):
        return StoryboardVersionConflict(message=fact.message, actual_version=fact.actual)
    return _TOLD[type(fact)](message=fact.message)
