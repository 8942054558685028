"""Delete a storyboard with its shots and versions."""

from domain.identifiers import StoryboardId
from domain.storyboards import events
from domain.storyboards.models import Storyboard
from domain.storyboards.ports import StoryboardWork
from domain.storyboards.use_cases.finding import lock_storyboard


async def delete_storyboard(work: StoryboardWork, *, storyboard_id: StoryboardId) -> Storyboard:
    """Remove its rows and stop its writer; renders keep the snapshot that they film. Raises StoryboardNotFound."""
    storyboard = await lock_storyboard(work, storyboard_id)
    await work.storyboards.remove(storyboard_id)
    await work.events.append(events.storyboard_deleted(storyboard))
    # Rows of jobs are locked last, after those of the business, by everybody.
    await work.jobs.cancel_subject(storyboard_id, "The storyboard was deleted.")
    return storyboard
