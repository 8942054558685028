"""Undo to an earlier version."""

from datetime import datetime

from domain.storyboards.errors import StoryboardNotFound, VersionNotFound
from domain.storyboards.models import Storyboard
from domain.storyboards.ports import StoryboardWork
from domain.storyboards.use_cases.editing import RESTORE, Target, edit_storyboard


async def restore_version(work: StoryboardWork, *, target: Target, restored_version: int, now: datetime) -> Storyboard:
    """Make the shots of an earlier version the next version, so that an undo can be undone.

    Raises VersionNotFound, and what `edit_storyboard` raises.
    """
    if await work.storyboards.lock_without_shots(target.storyboard_id) is None:
        raise StoryboardNotFound("There is no such storyboard.", field="id")
    kept = await work.storyboards.shots_of_version(target.storyboard_id, restored_version)
    if kept is None:
        raise VersionNotFound("The storyboard never had that version.", field="restoredVersion")
    return await edit_storyboard(
        work, target=target, edit=f"{RESTORE} {restored_version}", change=lambda _: tuple(kept), now=now
    )
