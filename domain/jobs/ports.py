"""Where use cases write background work down and find finished steps; both inside their own transaction."""

from collections.abc import Collection, Mapping
from typing import Protocol
from uuid import UUID

from domain.identifiers import WorkspaceId
from domain.jobs.models import Cancellation, NewJob, StepResult


class Jobs(Protocol):
    """Background work of the running transaction's workspace."""

    async def enqueue(self, job: NewJob) -> bool:
        """Write the job down; answer False when its idempotency key is known already."""
        ...

    async def cancel_subject(self, subject_id: UUID, reason: str) -> Cancellation:
        """Cancel every unfinished job of the subject; answer how many ended at once and how many were asked to stop."""
        ...


class Steps(Protocol):
    """Results of steps, by workspace and digest; the first to commit wins."""

    async def find(self, workspace_id: WorkspaceId, digest: str) -> StepResult | None: ...

    async def find_many(self, workspace_id: WorkspaceId, digests: Collection[str]) -> Mapping[str, StepResult]:
        """The results that there are, by digest, in a constant number of statements."""
        ...

    async def record(self, workspace_id: WorkspaceId, step: StepResult) -> StepResult:
        """Keep the result unless the digest has one; answer the one that is kept."""
        ...
