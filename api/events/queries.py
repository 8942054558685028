"""Where the feed of a workspace stands."""

import strawberry

from api.context import Info
from api.paging import encode_cursor
from api.permissions import VIEWER


@strawberry.type
class EventQueries:
    """Where the feed stands."""

    @strawberry.field(
        description="Points behind the newest event of the workspace. Read it first and give it as `after` of "
        "`workspaceEvents`, so that nothing is missed before the first event.",
        extensions=[VIEWER],
    )
    async def events_cursor(self, info: Info) -> str:
        context = info.context
        return encode_cursor(await context.services.feed.newest_cursor(context.caller.workspace_id))
