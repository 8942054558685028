"""Insert a shot."""

from datetime import datetime

from domain.identifiers import ShotId
from domain.storyboards import edits
from domain.storyboards.models import Shot, ShotContent, Storyboard
from domain.storyboards.ports import StoryboardWork
from domain.storyboards.texts import checked_content
from domain.storyboards.use_cases.editing import Target, edit_storyboard
from domain.storyboards.use_cases.finding import cast_in, require_cast


async def insert_shot(
    work: StoryboardWork, *, target: Target, content: ShotContent, position: int | None = None, now: datetime
) -> Storyboard:
    """Put a new shot at a position from 1, at the end without one.

    Raises CastMemberNotFound, TooManyShots, Invalid, and what `edit_storyboard` raises.
    """
    checked = checked_content(content)
    await require_cast(work, cast_in(checked))
    shot = Shot(ShotId(work.new_id()), checked)
    return await edit_storyboard(
        work,
        target=target,
        edit="insert",
        change=lambda shots: edits.insert_shot(shots, shot, position=position),
        now=now,
    )
