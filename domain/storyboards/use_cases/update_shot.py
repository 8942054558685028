"""Change what a shot shows, says or how it is filmed."""

from collections.abc import Callable
from datetime import datetime

from domain.identifiers import CharacterId, ShotId
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

    Only whom the edit adds must exist: a character who was deleted since stays, and stands in no other edit's way.
    Raises ShotNotFound, CastMemberNotFound, Invalid, and what `edit_storyboard` raises.
    """
    added: list[CharacterId] = []

    def changed(shots: Shots) -> Shots:
        before = shots[edits.index_of(shots, shot_id)].content
        after = checked_content(change(before))
        known = frozenset(cast_in(before))
        added.extend(character_id for character_id in cast_in(after) if character_id not in known)
        return edits.update_shot(shots, shot_id, after)

    edited = await edit_storyboard(work, target=target, edit="update", change=changed, now=now)
    # Raising here rolls the transaction back: nobody sees a shot with a stranger in it.
    await require_cast(work, added)
    return edited
