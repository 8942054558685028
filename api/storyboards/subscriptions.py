"""What happens to a storyboard, live: its shots appear one at a time as they are written."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Info
from api.events.following import Followed, events_until_deleted
from api.events.types import Event, present_event
from api.node import local_id
from api.permissions import VIEWER
from api.storyboards.loaders import NUMBERED_SHOTS, STORYBOARDS
from api.storyboards.shot_types import Shot, present_shot
from api.storyboards.types import Storyboard, present_storyboard
from domain.events import RecordedEvent
from domain.identifiers import ShotId, StoryboardId
from domain.storyboards.errors import StoryboardNotFound
from domain.storyboards.events import StoryboardEvent, storyboard_stream

FOLLOWED = Followed(
    STORYBOARDS, storyboard_stream, StoryboardNotFound, name="storyboard", last=StoryboardEvent.STORYBOARD_DELETED
)


@strawberry.type(description="Something that happened to a storyboard, and the storyboard as it is now.")
class StoryboardProgress:
    """One event of a storyboard."""

    key: strawberry.Private[StoryboardId]
    shot_key: strawberry.Private[ShotId | None]
    cursor: str = strawberry.field(description="Points behind this event; give it as `after` to go on from here.")
    event: Event = strawberry.field(description="What happened.")

    @strawberry.field(description="The shot that was written; null for other events, or when it is gone again.")
    async def shot(self, info: Info) -> Shot | None:
        found = None if self.shot_key is None else await info.context.load(NUMBERED_SHOTS, self.shot_key)
        return None if found is None else present_shot(found.shot, found.number)

    @strawberry.field(description="The storyboard as it is now; null when it was deleted.")
    async def storyboard(self, info: Info) -> Storyboard | None:
        found = await info.context.load(STORYBOARDS, self.key)
        return None if found is None else present_storyboard(found)


@strawberry.type
class StoryboardSubscriptions:
    """Storyboards, as things happen to them."""

    @strawberry.subscription(
        description="Everything that happens to a storyboard, once and in order: `ShotWritten` for each shot as it "
        "appears, `StoryboardWritten` at the end, then edits. Ends when the storyboard is deleted.",
        extensions=[VIEWER],
    )
    async def storyboard_progress(
        self,
        info: Info,
        storyboard_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The storyboard.")],
        after: Annotated[
            str | None, strawberry.argument(description="The last cursor seen; from the first event when left out.")
        ] = None,
    ) -> AsyncIterator[StoryboardProgress]:
        context, key = info.context, StoryboardId(local_id("Storyboard", storyboard_id))
        async with aclosing(events_until_deleted(context, FOLLOWED, key, after=after)) as events:
            async for told in events:
                yield StoryboardProgress(
                    key=key, shot_key=_shot_of(told.event), cursor=told.cursor, event=present_event(told)
                )


def _shot_of(event: RecordedEvent) -> ShotId | None:
    shot_id = event.data.get("shotId")
    return ShotId(UUID(shot_id)) if isinstance(shot_id, str) else None
