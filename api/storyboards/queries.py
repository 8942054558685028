"""Storyboards, listed and one by one."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Context, Info
from api.node import Node, local_id
from api.paging import Connection, Paged, connection
from api.permissions import VIEWER
from api.storyboards.loaders import STORYBOARDS
from api.storyboards.types import Storyboard, present_storyboard
from domain.identifiers import StoryboardId
from domain.paging import PageRequest


@strawberry.type
class StoryboardQueries:
    """Storyboards."""

    @strawberry.field(description="The storyboards of the workspace, newest first.", extensions=[VIEWER, Paged()])
    async def storyboards(self, info: Info, page: PageRequest) -> Connection[Storyboard]:
        async with info.context.work() as work:
            found = await work.storyboard_reads.page(page)
        return connection(found, present_storyboard)

    @strawberry.field(description="One storyboard; null when there is none or it is not yours.", extensions=[VIEWER])
    async def storyboard(
        self,
        info: Info,
        storyboard_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The storyboard.")],
    ) -> Storyboard | None:
        found = await info.context.load(STORYBOARDS, StoryboardId(local_id("Storyboard", storyboard_id)))
        return None if found is None else present_storyboard(found)


async def fetch_storyboard_nodes(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Node]:
    """Storyboards by their keys, for `node` and `nodes`."""
    async with context.work() as work:
        found = await work.storyboard_reads.find_many([StoryboardId(key) for key in keys])
    return {UUID(str(key)): present_storyboard(storyboard) for key, storyboard in found.items()}
