"""Results of finished steps; the objects that they made are kept as long as the result is."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, literal, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from adapters.postgres.job_rows import to_json
from adapters.postgres.job_tables import StepObjectRow, StepResultRow
from adapters.postgres.media import PostgresObjects
from domain.errors import Unavailable
from domain.identifiers import ObjectId, WorkspaceId
from domain.jobs.models import StepResult

RECORD = text(
    "insert into step_results (workspace_id, digest, result) values (:workspace_id, :digest, cast(:result as jsonb))"
    " on conflict do nothing returning 1"
)
KEEP_OBJECT = text(
    "insert into step_objects (workspace_id, digest, name, object_id)"
    " values (:workspace_id, :digest, :name, :object_id)"
)

LET_GO = text(
    "delete from step_objects where workspace_id = :workspace_id and digest = any(:digests) returning object_id"
)
FORGET = text("delete from step_results where workspace_id = :workspace_id and digest = any(:digests)")


class PostgresSteps:
    """Finds and keeps results of steps; the first to commit wins."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._objects = PostgresObjects(session)

    async def find(self, workspace_id: WorkspaceId, digest: str) -> StepResult | None:
        return (await self.find_many(workspace_id, [digest])).get(digest)

    async def find_many(self, workspace_id: WorkspaceId, digests: Collection[str]) -> Mapping[str, StepResult]:
        # One parameter: a thousand shots of nine takes ask for more digests than a statement may have parameters.
        asked = any_(literal(list(digests), ARRAY(Text)))
        results = await self._session.scalars(
            select(StepResultRow).where(
                col(StepResultRow.workspace_id) == workspace_id, col(StepResultRow.digest) == asked
            )
        )
        kept = await self._session.scalars(
            select(StepObjectRow).where(
                col(StepObjectRow.workspace_id) == workspace_id, col(StepObjectRow.digest) == asked
            )
        )
        objects: dict[str, dict[str, ObjectId]] = defaultdict(dict)
        for row in kept:
            objects[row.digest][row.name] = ObjectId(row.object_id)
        return {row.digest: StepResult(row.digest, row.result, objects[row.digest]) for row in results}

    async def record(self, workspace_id: WorkspaceId, step: StepResult) -> StepResult:
        key: dict[str, UUID | str] = {"workspace_id": workspace_id, "digest": step.digest}
        if await self._session.scalar(RECORD, key | {"result": to_json(dict(step.result))}) is None:
            # Its writer has committed: a conflict waits for the other transaction to end.
            return await self.find(workspace_id, step.digest) or step
        for name, object_id in sorted(step.objects.items()):
            if not await self._objects.hold(workspace_id, object_id):
                raise Unavailable("An object of the step is being removed this moment.")
            await self._session.execute(KEEP_OBJECT, key | {"name": name, "object_id": object_id})
        return step

    async def forget(self, workspace_id: WorkspaceId, digests: Collection[str]) -> Sequence[ObjectId]:
        parameters = {"workspace_id": workspace_id, "digests": list(digests)}
        kept = (await self._session.scalars(LET_GO, parameters)).all()
        await self._session.execute(FORGET, parameters)
        return [ObjectId(object_id) for object_id in kept]
