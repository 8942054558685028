"""Change what a shot shows, says or how it is filmed."""

from collections.abc import Callable
from datetime import datetime

from domain.identifiers import ShotId
from domain.storyboards import edits
from domain.storyboards.edits import Shots
from domain.storyboards.models import ShotContent, Storyboard
from domain.storyboards.ports import StoryboardWork
from domain.storyboards.texts import checked_content
from domain.storyboards.use_cases.editing import Target, edit_storyboard
from domain.storyboards.use_cases.finding import cast_in, require_cast


async def update_shot(
    work: StoryboardWork,
    *,
    target: Target,
    shot_id: ShotId,
    change: Callable[[ShotContent], ShotContent],
    now: datetime,
) -> Storyboard:
    """Apply a change to one shot's content; it stays the same shot.

    Raises ShotNotFound, CastMemberNotFound, Invalid, and what `edit_storyboard` raises.
    """

    def changed(shots: Shots) -> Shots:
        before = shots[edits.index_of(shots, shot_id)].content
        return edits.update_shot(shots, shot_id, checked_content(change(before)))

    edited = await edit_storyboard(work, target=target, edit="update", change=changed, now=now)
    # Raising here rolls the transaction back: nobody sees a shot with a stranger in it.
    await require_cast(work, cast_in(edited.shots[edits.index_of(edited.shots, shot_id)].content))
    return edited
