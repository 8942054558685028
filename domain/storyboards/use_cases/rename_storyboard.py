"""Give a storyboard another title."""

from datetime import datetime

from domain.identifiers import StoryboardId
from domain.storyboards import events
from domain.storyboards.models import Storyboard
from domain.storyboards.ports import StoryboardWork
from domain.storyboards.texts import checked_title
from domain.storyboards.use_cases.finding import lock_storyboard


async def rename_storyboard(
    work: StoryboardWork, *, storyboard_id: StoryboardId, title: str, now: datetime
) -> Storyboard:
    """Write the new title; it makes no version. Raises StoryboardNotFound, Invalid."""
    storyboard = await lock_storyboard(work, storyboard_id)
    renamed = storyboard.renamed(checked_title(title), now=now)
    if renamed.title == storyboard.title:
        return storyboard
    await work.storyboards.save(renamed)
    await work.events.append(events.storyboard_renamed(renamed))
    return renamed
