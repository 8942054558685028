"""An event as clients see it."""

from datetime import datetime

import strawberry

from api.events.data import present_data
from api.events.following import Told
from api.node import global_id
from api.scalars import Json


@strawberry.type(description="Something that happened.")
class Event:
    """One recorded event."""

    cursor: str = strawberry.field(description="Points behind this event; give it as `after` to go on from here.")
    name: str = strawberry.field(description="What happened, in the past tense, for example `RenderFinished`.")
    subject_id: strawberry.ID = strawberry.field(description="The id of the thing that it happened to.")
    number: int = strawberry.field(description="Counts this thing's events from 1, without a gap.")
    at: datetime = strawberry.field(description="When it happened.")
    data: Json = strawberry.field(
        description="What else there is to say, in the schema's own words and ids; its shape depends on the name."
    )


def present_event(told: Told) -> Event:
    event = told.event
    return Event(
        cursor=told.cursor,
        name=event.name,
        subject_id=global_id(event.stream.kind.capitalize(), event.stream.id),
        number=event.number,
        at=event.at,
        data=Json(present_data(event.data)),
    )
