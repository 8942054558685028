"""What every edit has in common: the row's lock, the version that the caller saw, a new version, an event."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.identifiers import StoryboardId
from domain.storyboards import events
from domain.storyboards.edits import Shots
from domain.storyboards.models import Storyboard
from domain.storyboards.ports import StoryboardWork
from domain.storyboards.use_cases.finding import lock_storyboard

RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Target:
    """Which storyboard is edited, and the version that the editor saw."""

    storyboard_id: StoryboardId
    version: int


async def edit_storyboard(
    work: StoryboardWork, *, target: Target, edit: str, change: Callable[[Shots], Shots], now: datetime
) -> Storyboard:
    """Apply a pure change to the shots; the result is the next version, kept for undo and told.

    An edit that changes nothing makes no version, but a restore does: its history is what it is asked for. Raises
    StoryboardNotFound, StoryboardBeingWritten, StoryboardVersionConflict, and what the change raises; then nothing is
    written.
    """
    before = await lock_storyboard(work, target.storyboard_id)
    # The version is checked before the change is tried: a stale position or shot is a conflict, not a mistake.
    before.edited(before.shots, expected_version=target.version, now=now)
    shots = change(before.shots)
    if shots == before.shots and not edit.startswith(RESTORE):
        return before
    after = before.edited(shots, expected_version=target.version, now=now)
    await work.storyboards.replace_shots(before, after)
    await work.storyboards.save(after)
    await work.storyboards.keep_version(after, edit=edit)
    await work.events.append(events.storyboard_edited(after, edit))
    return after
