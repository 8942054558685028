"""Cut a shot in two."""

from datetime import datetime

from domain.identifiers import ShotId
from domain.storyboards import edits
from domain.storyboards.models import Storyboard
from domain.storyboards.ports import StoryboardWork
from domain.storyboards.use_cases.editing import Target, edit_storyboard


async def split_shot(
    work: StoryboardWork, *, target: Target, shot_id: ShotId, at_seconds: float | None = None, now: datetime
) -> Storyboard:
    """Cut at a moment of the shot, in the middle without one; the first half stays the same shot.

    Raises ShotNotFound, ShotNotDivisible, TooManyShots, and what `edit_storyboard` raises.
    """
    new_id = ShotId(work.new_id())
    return await edit_storyboard(
        work,
        target=target,
        edit="split",
        change=lambda shots: edits.split_shot(shots, shot_id, new_id=new_id, at_seconds=at_seconds),
        now=now,
    )
