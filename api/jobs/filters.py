"""Which jobs an operator means."""

from datetime import datetime

import strawberry

from api.jobs.enums import JobState, Queue
from api.node import local_id
from domain.identifiers import WorkspaceId
from domain.jobs.operations import JobFilter


@strawberry.input(description="Which jobs are meant; what is left out does not matter.")
class JobFilterInput:
    """A filter as clients give it."""

    state: JobState | None = strawberry.field(default=None, description="Only in this state.")
    kind: str | None = strawberry.field(default=None, description="Only of this kind.")
    queue: Queue | None = strawberry.field(default=None, description="Only of this queue.")
    workspace_id: strawberry.ID | None = strawberry.field(default=None, description="Only of this workspace.")
    since: datetime | None = strawberry.field(default=None, description="Only written down since this moment.")

    def read(self) -> JobFilter:
        """Raises Invalid for an id that is no workspace's, and for a kind or a moment that no job can have."""
        space = self.workspace_id
        workspace_id = None if space is None else WorkspaceId(local_id("Workspace", space, field="workspaceId"))
        return JobFilter(self.state, self.kind, self.queue, workspace_id, self.since)
