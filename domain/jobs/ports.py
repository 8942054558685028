"""Where use cases write background work down and find finished steps; both inside their own transaction."""

from typing import Protocol
from uuid import UUID

from domain.identifiers import WorkspaceId
from domain.jobs.models import NewJob, StepResult


class Jobs(Protocol):
    """Background work of the running transaction's workspace."""

    async def enqueue(self, job: NewJob) -> bool:
        """Write the job down; answer False when its idempotency key is known already."""
        ...

    async def cancel_subject(self, subject_id: UUID, reason: str) -> int:
        """Cancel every unfinished job of the subject; answer how many."""
        ...


class Steps(Protocol):
    """Results of steps, by workspace and digest; the first to commit wins."""

    async def find(self, workspace_id: WorkspaceId, digest: str) -> StepResult | None: ...

    async def record(self, workspace_id: WorkspaceId, step: StepResult) -> StepResult:
        """Keep the result unless the digest has one; answer the one that is kept."""
        ...
