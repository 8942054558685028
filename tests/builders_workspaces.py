"""Workspaces for tests that do not care who made them."""

from sqlalchemy import text

from bootstrap.container import Container
from domain.identifiers import WorkspaceId


async def new_workspace(container: Container) -> WorkspaceId:
    """Write an empty workspace and answer its id."""
    workspace_id = WorkspaceId(container.new_id())
    async with container.work() as work:
        statement = text("insert into workspaces (id, name, created_at) values (:id, 'Studio', now())")
        await work.session.execute(statement, {"id": workspace_id})
    return workspace_id
