"""Refusals that only storyboards know, named as facts."""

from collections.abc import Sequence

from domain.errors import Conflict, Invalid, LimitExceeded, NotFound
from domain.identifiers import CharacterId


class StoryboardNotFound(NotFound):
    """No such storyboard in this workspace."""


class ShotNotFound(NotFound):
    """No such shot in this storyboard as it stands."""


class VersionNotFound(NotFound):
    """The storyboard never had that version."""


class CastMemberNotFound(NotFound):
    """A character that was to be cast is not of this workspace."""


class CastAmbiguous(Conflict):
    """The script names somebody, and several characters of that name could be meant: the caller chooses the cast."""

    def __init__(self, message: str, *, character_ids: Sequence[CharacterId]) -> None:
        super().__init__(message, field="cast")
        self.character_ids = tuple(character_ids)


class StoryboardBeingWritten(Conflict):
    """The writer is not done; edits wait for it."""


class StoryboardNotBeingWritten(Conflict):
    """The writer is done; it writes no more."""


class StoryboardVersionConflict(Conflict):
    """Somebody edited the storyboard since the caller saw it; `actual` is the version that it has now."""

    def __init__(self, *, expected: int, actual: int) -> None:
        super().__init__(f"The storyboard is at version {actual}, not {expected}.", field="version")
        self.expected = expected
        self.actual = actual


class TooManyShots(LimitExceeded):
    """A storyboard holds a limited number of shots."""


class ScriptTooLong(LimitExceeded):
    """A script is read up to a limit."""


class ShotNotDivisible(Invalid):
    """The shot cannot be cut there: one of the halves would be too short or empty."""
