"""Join a shot with the one after it."""

from datetime import datetime

from domain.identifiers import ShotId
from domain.storyboards import edits
from domain.storyboards.edits import Shots
from domain.storyboards.models import Storyboard
from domain.storyboards.ports import StoryboardWork
from domain.storyboards.texts import checked_content
from domain.storyboards.use_cases.editing import Target, edit_storyboard


async def merge_shots(work: StoryboardWork, *, target: Target, shot_id: ShotId, now: datetime) -> Storyboard:
    """Make one shot of two, with the words of both and the camera of the first.

    Raises ShotNotFound, Invalid for the last shot and for two that hold more than one shot may, and what
    `edit_storyboard` raises.
    """

    def merged(shots: Shots) -> Shots:
        joined = edits.merge_shots(shots, shot_id)
        content = joined[edits.index_of(joined, shot_id)].content
        return edits.update_shot(joined, shot_id, checked_content(content))

    return await edit_storyboard(work, target=target, edit="merge", change=merged, now=now)
