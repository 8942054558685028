"""The feed of everything that happens in a workspace."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

import strawberry

from api.context import Info
from api.events.following import workspace_events
from api.events.types import Event, present_event
from api.permissions import VIEWER


@strawberry.type
class EventSubscriptions:
    """Everything, as it happens."""

    @strawberry.subscription(
        description="Everything that happens in the workspace, once and in order, as it happens.", extensions=[VIEWER]
    )
    async def workspace_events(
        self,
        info: Info,
        after: Annotated[
            str | None, strawberry.argument(description="The last cursor seen; from now on when left out.")
        ] = None,
    ) -> AsyncIterator[Event]:
        async with aclosing(workspace_events(info.context, after=after)) as events:
            async for told in events:
                yield present_event(told)
