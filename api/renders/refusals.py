"""Facts that keep a render from being ordered or changed."""

import strawberry

from api.results import Refusal


@strawberry.type(description="The storyboard is not there, is still being written, failed, or has no shots.")
class StoryboardNotReady(Refusal):
    """A fact."""


@strawberry.type(
    description="A cast member was deleted or has no usable picture yet; the message names it and the shot."
)
class CharacterNotReady(Refusal):
    """A fact."""


@strawberry.type(description="It would cost more than the render's budget allows.")
class BudgetTooSmall(Refusal):
    """A fact."""


@strawberry.type(description="There is no such render, or it is not yours.")
class RenderNotFound(Refusal):
    """A fact."""


@strawberry.type(description="The render has no such shot.")
class RenderShotNotFound(Refusal):
    """A fact."""


@strawberry.type(description="The render's state does not allow it, for example because it was canceled.")
class RenderStateRefused(Refusal):
    """A fact."""
