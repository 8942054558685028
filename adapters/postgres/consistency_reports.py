"""Reports of consistency in PostgreSQL, one a render."""

from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.render_rows import AnyRow, Values
from adapters.postgres.renders import write
from adapters.postgres.tables import ConsistencyReportRow
from domain.identifiers import ObjectId, RenderId, WorkspaceId
from domain.renders.consistency import CharacterConsistency, ConsistencyReport

REPORTS = ConsistencyReportRow.metadata.tables["consistency_reports"]

_CHARACTERS = TypeAdapter(tuple[CharacterConsistency, ...])


class PostgresConsistencyReports:
    """Rows of one workspace's reports; whoever writes one holds the render's row."""

    def __init__(self, session: AsyncSession, *, workspace_id: WorkspaceId | None) -> None:
        self._session = session
        self._workspace_id = workspace_id

    async def find(self, render_id: RenderId) -> ConsistencyReport | None:
        return (await self.find_many([render_id])).get(render_id)

    async def find_many(self, render_ids: Sequence[RenderId]) -> Mapping[RenderId, ConsistencyReport]:
        statement = select(*REPORTS.c).where(
            REPORTS.c.render_id.in_(render_ids), REPORTS.c.workspace_id == self._workspace_id
        )
        return {RenderId(row.render_id): _to_report(row) for row in await self._session.execute(statement)}

    async def save(self, report: ConsistencyReport) -> None:
        values: Values = {
            "render_id": report.render_id,
            "workspace_id": report.workspace_id,
            "film_digest": report.film_digest,
            "characters": _CHARACTERS.dump_python(report.characters, mode="json"),
            "sheet_id": report.sheet_id,
            "plot_id": report.plot_id,
            "made_at": report.made_at,
        }
        await write(self._session, REPORTS, ("render_id",), [values])


def _to_report(row: AnyRow) -> ConsistencyReport:
    return ConsistencyReport(
        render_id=RenderId(row.render_id),
        workspace_id=WorkspaceId(row.workspace_id),
        film_digest=row.film_digest,
        characters=_CHARACTERS.validate_python(row.characters),
        sheet_id=ObjectId(row.sheet_id),
        plot_id=ObjectId(row.plot_id),
        made_at=row.made_at,
    )
