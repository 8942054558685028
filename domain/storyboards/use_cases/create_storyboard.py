"""Create a storyboard from a script; the shots follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import LimitExceeded
from domain.identifiers import CharacterId, JobId, StoryboardId, WorkspaceId
from domain.storyboards import events
from domain.storyboards.models import Storyboard, StoryboardState
from domain.storyboards.ports import StoryboardWork
from domain.storyboards.tasks import write_job
from domain.storyboards.texts import (
    checked_language,
    checked_script,
    checked_seconds_target,
    checked_style,
    checked_title,
)
from domain.storyboards.use_cases.finding import require_cast

CAST_MAX = 50


@dataclass(frozen=True, slots=True)
class ScriptOrder:
    """What a user asks to be written; without a cast the whole workspace may be cast."""

    script: str
    title: str
    language: str | None = None
    cast: Sequence[CharacterId] = ()
    style: str = ""
    seconds_target: float | None = None


async def create_storyboard(
    work: StoryboardWork, *, workspace_id: WorkspaceId, order: ScriptOrder, now: datetime
) -> Storyboard:
    """Write the storyboard, the job that fills it and the event, in one transaction.

    Raises ScriptTooLong, Invalid for a script without words or a text that breaks a rule, CastMemberNotFound,
    LimitExceeded for too large a cast.
    """
    cast = tuple(dict.fromkeys(order.cast))
    if len(cast) > CAST_MAX:
        raise LimitExceeded(f"A storyboard casts at most {CAST_MAX} characters.", field="cast")
    storyboard = Storyboard(
        id=StoryboardId(work.new_id()),
        workspace_id=workspace_id,
        title=checked_title(order.title),
        script=checked_script(order.script),
        language=checked_language(order.language),
        style=checked_style(order.style),
        seconds_target=checked_seconds_target(order.seconds_target),
        cast=cast,
        state=StoryboardState.WRITING,
        version=0,
        shots=(),
        created_at=now,
        updated_at=now,
    )
    await require_cast(work, cast)
    await work.storyboards.add(storyboard)
    await work.events.append(events.storyboard_created(storyboard))
    await work.jobs.enqueue(write_job(storyboard, job_id=JobId(work.new_id())))
    return storyboard
