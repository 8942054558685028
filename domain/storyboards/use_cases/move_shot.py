"""Move a shot to another place in the order."""

from datetime import datetime

from domain.identifiers import ShotId
from domain.storyboards import edits
from domain.storyboards.models import Storyboard
from domain.storyboards.ports import StoryboardWork
from domain.storyboards.use_cases.editing import Target, edit_storyboard


async def move_shot(
    work: StoryboardWork, *, target: Target, shot_id: ShotId, position: int, now: datetime
) -> Storyboard:
    """Let the shot stand at a position from 1. Raises ShotNotFound, Invalid, and what `edit_storyboard` raises."""
    return await edit_storyboard(
        work,
        target=target,
        edit="move",
        change=lambda shots: edits.move_shot(shots, shot_id, position=position),
        now=now,
    )
