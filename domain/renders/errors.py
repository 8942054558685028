"""What renders refuse, named as facts."""

from domain.errors import Conflict, Invalid, LimitExceeded, NotFound


class RenderNotFound(NotFound):
    """There is no such render in this workspace."""


class RenderShotNotFound(NotFound):
    """The render has no such shot."""


class RenderMoveRefused(Conflict):
    """The render's state does not allow this."""


class ShotMoveRefused(Conflict):
    """The shot's state does not allow this."""


class StoryboardNotReady(Conflict):
    """The storyboard is still being written, failed, or has no shots."""


class CharacterNotReady(Conflict):
    """A cast member has no identity or no cut-out yet; the message names it."""


class EngineUnknown(Invalid):
    """No engine of that name can be ordered here."""


class BudgetTooSmall(LimitExceeded):
    """The render would cost more than its budget allows."""


class CharacterGone(NotFound):
    """A cast member, or a picture of it, was deleted while the render was under way."""
