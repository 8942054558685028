"""What happens to storyboards, as written in their streams."""

from enum import StrEnum
from uuid import UUID

from domain.events import Event, Json, Stream, StreamKind
from domain.identifiers import StoryboardId, WorkspaceId
from domain.storyboards.models import Shot, Storyboard


class StoryboardEvent(StrEnum):
    """The names of a storyboard's events."""

    STORYBOARD_CREATED = "StoryboardCreated"
    WRITING_STARTED = "StoryboardWritingStarted"
    SHOT_WRITTEN = "ShotWritten"
    STORYBOARD_WRITTEN = "StoryboardWritten"
    WRITING_FAILED = "StoryboardWritingFailed"
    STORYBOARD_EDITED = "StoryboardEdited"
    STORYBOARD_RENAMED = "StoryboardRenamed"
    STORYBOARD_DELETED = "StoryboardDeleted"


def storyboard_stream(workspace_id: WorkspaceId, storyboard_id: StoryboardId) -> Stream:
    """Answer the stream of one storyboard."""
    return Stream(StreamKind.STORYBOARD, UUID(str(storyboard_id)), workspace_id)


def told_of(storyboard: Storyboard, happened: StoryboardEvent, **data: Json) -> Event:
    """Answer an event of a storyboard; every one carries the state and version that it left it in."""
    told: dict[str, Json] = {
        "storyboardId": str(storyboard.id),
        "state": storyboard.state.value,
        "version": storyboard.version,
        **data,
    }
    return Event(storyboard_stream(storyboard.workspace_id, storyboard.id), happened.value, told)


def storyboard_created(storyboard: Storyboard) -> Event:
    return told_of(storyboard, StoryboardEvent.STORYBOARD_CREATED, title=storyboard.title)


def writing_started(storyboard: Storyboard) -> Event:
    return told_of(storyboard, StoryboardEvent.WRITING_STARTED, writer=storyboard.writer, language=storyboard.language)


def shot_written(storyboard: Storyboard, shot: Shot, number: int) -> Event:
    return told_of(storyboard, StoryboardEvent.SHOT_WRITTEN, shotId=str(shot.id), number=number)


def storyboard_written(storyboard: Storyboard) -> Event:
    return told_of(storyboard, StoryboardEvent.STORYBOARD_WRITTEN, shots=len(storyboard.shots))


def writing_failed(storyboard: Storyboard) -> Event:
    return told_of(storyboard, StoryboardEvent.WRITING_FAILED, failure=storyboard.failure)


def storyboard_edited(storyboard: Storyboard, edit: str) -> Event:
    return told_of(storyboard, StoryboardEvent.STORYBOARD_EDITED, edit=edit, shots=len(storyboard.shots))


def storyboard_renamed(storyboard: Storyboard) -> Event:
    return told_of(storyboard, StoryboardEvent.STORYBOARD_RENAMED, title=storyboard.title)


def storyboard_deleted(storyboard: Storyboard) -> Event:
    return told_of(storyboard, StoryboardEvent.STORYBOARD_DELETED, title=storyboard.title)
