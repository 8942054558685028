"""Write a storyboard's shots from its script, one at a time."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from domain.errors import Invalid
from domain.identifiers import ShotId, StoryboardId
from domain.storyboards import events
from domain.storyboards.casting import told_apart
from domain.storyboards.errors import StoryboardNotBeingWritten
from domain.storyboards.models import SHOTS_MAX, Shot, ShotContent, Storyboard, StoryboardState
from domain.storyboards.ports import (
    KnownCharacter,
    LanguageDetector,
    ScriptPlanner,
    StoryboardTransactions,
    StoryboardWork,
    WritingOrder,
)
from domain.storyboards.use_cases.finding import castable, lock_storyboard

EDIT = "write"


@dataclass(frozen=True, slots=True)
class WritingTools:
    """What writing takes: the writer, and who tells the language of a script."""

    planner: ScriptPlanner
    languages: LanguageDetector


async def write_storyboard(
    begin: StoryboardTransactions,
    *,
    tools: WritingTools,
    storyboard_id: StoryboardId,
    clock: Callable[[], datetime],
) -> bool:
    """Write every shot in a short transaction of its own, with its event, as soon as the writer knows it.

    No transaction is open while the writer thinks. An attempt that begins again begins from nothing. False means that
    there is nothing to do: the storyboard is gone or is not being written. The caller then commits `finish_writing`.
    Raises what the writer raises: Invalid for a script that cannot be planned, LimitExceeded, Unavailable.
    """
    order = await _begin_writing(begin, tools, storyboard_id, clock())
    if order is None:
        return False
    shots = 0
    async with aclosing(_planned(tools.planner, order)) as planned:
        async for content in planned:
            if not await _write_shot(begin, storyboard_id, content):
                return False
            shots += 1
    if not shots:
        raise Invalid("The writer found nothing to film in the script.", field="script")
    return True


async def _planned(planner: ScriptPlanner, order: WritingOrder) -> AsyncGenerator[ShotContent]:
    number = 0
    async for content in planner.plan(order):
        number += 1
        if number > SHOTS_MAX:
            raise Invalid(f"The script makes more than {SHOTS_MAX} shots. Split it.", field="script")
        yield content


async def _begin_writing(
    begin: StoryboardTransactions, tools: WritingTools, storyboard_id: StoryboardId, now: datetime
) -> WritingOrder | None:
    async with begin() as work:
        storyboard = await work.storyboards.lock(storyboard_id)
        if storyboard is None or storyboard.state is not StoryboardState.WRITING:
            return None
        language = storyboard.language or tools.languages.detect(storyboard.script)
        begun = storyboard.begun(writer=tools.planner.name, language=language, now=now)
        await work.storyboards.replace_shots(storyboard, begun)
        await work.storyboards.save(begun)
        await work.events.append(events.writing_started(begun))
        return WritingOrder(
            script=begun.script,
            title=begun.title,
            cast=await _known_cast(work, begun),
            language=begun.language,
            style=begun.style,
            seconds_target=begun.seconds_target,
            is_cast_chosen=begun.cast is not None,
        )


async def _known_cast(work: StoryboardWork, storyboard: Storyboard) -> list[KnownCharacter]:
    characters = told_apart(await castable(work, storyboard))
    return [KnownCharacter(each.id, each.texts.name, each.texts.aliases, each.texts.description) for each in characters]


async def _write_shot(begin: StoryboardTransactions, storyboard_id: StoryboardId, content: ShotContent) -> bool:
    """Add one shot; False when the storyboard was deleted meanwhile."""
    async with begin() as work:
        storyboard = await work.storyboards.lock_without_shots(storyboard_id)
        if storyboard is None or storyboard.state is not StoryboardState.WRITING:
            return False
        shot = Shot(ShotId(work.new_id()), content)
        number = await work.storyboards.append_shot(storyboard, shot)
        await work.events.append(events.shot_written(storyboard, shot, number))
        return True


async def finish_writing(work: StoryboardWork, *, storyboard_id: StoryboardId, now: datetime) -> Storyboard:
    """Make what was written the first version, ready to be edited and filmed.

    Raises StoryboardNotFound, StoryboardNotBeingWritten.
    """
    storyboard = await lock_storyboard(work, storyboard_id)
    written = storyboard.written(now=now)
    await work.storyboards.save(written)
    await work.storyboards.keep_version(written, edit=EDIT)
    await work.events.append(events.storyboard_written(written))
    return written


async def fail_writing(
    work: StoryboardWork, *, storyboard_id: StoryboardId, reason: str, now: datetime
) -> Storyboard | None:
    """Write down why there will be no more shots; None when the storyboard is gone or was finished."""
    storyboard = await work.storyboards.lock(storyboard_id)
    if storyboard is None:
        return None
    try:
        failed = storyboard.failed(reason, now=now)
    except StoryboardNotBeingWritten:
        return None
    await work.storyboards.save(failed)
    await work.storyboards.keep_version(failed, edit=EDIT)
    await work.events.append(events.writing_failed(failed))
    return failed
