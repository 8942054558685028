"""Take a shot out."""

from datetime import datetime

from domain.identifiers import ShotId
from domain.storyboards import edits
from domain.storyboards.models import Storyboard
from domain.storyboards.ports import StoryboardWork
from domain.storyboards.use_cases.editing import Target, edit_storyboard


async def delete_shot(work: StoryboardWork, *, target: Target, shot_id: ShotId, now: datetime) -> Storyboard:
    """Take the shot out; earlier versions keep it. Raises ShotNotFound, and what `edit_storyboard` raises."""
    return await edit_storyboard(
        work, target=target, edit="delete", change=lambda shots: edits.delete_shot(shots, shot_id), now=now
    )
