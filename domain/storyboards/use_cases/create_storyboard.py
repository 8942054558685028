"""Create a storyboard from a script; the shots follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import LimitExceeded
from domain.identifiers import CharacterId, JobId, StoryboardId, WorkspaceId, public_id
from domain.storyboards import events
from domain.storyboards.casting import namesakes_in
from domain.storyboards.errors import CastAmbiguous
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
from domain.storyboards.use_cases.finding import castable, require_cast

CAST_MAX = 50


@dataclass(frozen=True, slots=True)
class ScriptOrder:
    """What a user asks to be written; without a cast the workspace may be cast, with an empty one nobody."""

    script: str
    title: str
    language: str | None = None
    cast: Sequence[CharacterId] | None = None
    style: str = ""
    seconds_target: float | None = None


async def create_storyboard(
    work: StoryboardWork, *, workspace_id: WorkspaceId, order: ScriptOrder, now: datetime
) -> Storyboard:
    """Write the storyboard, the job that fills it and the event, in one transaction.

    Raises ScriptTooLong, Invalid for a script without words or a text that breaks a rule, CastMemberNotFound,
    CastAmbiguous where two characters bear a name of the script, LimitExceeded for too large a cast.
    """
    cast = None if order.cast is None else tuple(dict.fromkeys(order.cast))
    if cast and len(cast) > CAST_MAX:
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
    await require_cast(work, cast or ())
    await _require_unambiguous(work, storyboard)
    await work.storyboards.add(storyboard)
    await work.events.append(events.storyboard_created(storyboard))
    await work.jobs.enqueue(write_job(storyboard, job_id=JobId(work.new_id())))
    return storyboard


async def _require_unambiguous(work: StoryboardWork, storyboard: Storyboard) -> None:
    namesakes = namesakes_in(storyboard.script, await castable(work, storyboard))
    if namesakes:
        ids = [character.id for character in namesakes]
        told = " and ".join(public_id("Character", each) for each in ids)
        raise CastAmbiguous(f"'{namesakes[0].name}' may mean {told}. Choose the cast.", character_ids=ids)
