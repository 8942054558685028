"""Rows of adapter versions as entities and back; the character's row names the one in use."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, column, func, insert, literal, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.postgres.paging import page_of, page_statement, read_cursor, write_cursor
from adapters.postgres.tables import AdapterVersionRow
from domain.characters.adapters import AdapterFiles, AdapterState, AdapterVersion, Learned, TrainingPlan
from domain.identifiers import AdapterId, CharacterId, JobId, ObjectId, WorkspaceId
from domain.paging import Edge, Page, PageRequest

VERSIONS = AdapterVersionRow.metadata.tables["adapter_versions"]
_PLAN = TypeAdapter(TrainingPlan)
_LEARNED = TypeAdapter(Learned)

AnyRow = Row[*tuple[object, ...]]


class PostgresAdapters:
    """Adapter versions of one workspace, in one transaction; without a workspace there are none."""

    def __init__(self, session: AsyncSession, workspace_id: WorkspaceId | None) -> None:
        self._session = session
        self._workspace_id = workspace_id

    async def add(self, adapter: AdapterVersion) -> None:
        await self._session.execute(insert(VERSIONS).values(adapter_values(adapter)))

    async def find(self, adapter_id: AdapterId) -> AdapterVersion | None:
        return (await self.find_many([adapter_id])).get(adapter_id)

    async def save(self, adapter: AdapterVersion) -> None:
        here = (VERSIONS.c.id == adapter.id, VERSIONS.c.workspace_id == self._workspace_id)
        await self._session.execute(update(VERSIONS).where(*here).values(adapter_values(adapter)))

    async def versions_of(self, character_id: CharacterId) -> Sequence[AdapterVersion]:
        found = self._here().where(VERSIONS.c.character_id == character_id).order_by(VERSIONS.c.number)
        return [to_adapter(row) for row in await self._session.execute(found)]

    async def pages(
        self, character_ids: Sequence[CharacterId], request: PageRequest
    ) -> Mapping[CharacterId, Page[AdapterVersion]]:
        ids = literal(list(character_ids), ARRAY(PG_UUID(as_uuid=True)))
        asked = func.unnest(ids).table_valued(column("id", PG_UUID(as_uuid=True))).render_derived(name="asked")
        of_one = self._here().where(VERSIONS.c.character_id == asked.c.id)
        keys = (VERSIONS.c.created_at, VERSIONS.c.id)
        chosen = page_statement(of_one, keys=keys, request=request, read=read_cursor).lateral("chosen")
        found: defaultdict[CharacterId, list[AnyRow]] = defaultdict(list)
        for row in await self._session.execute(select(*chosen.c).select_from(asked.join(chosen, true()))):
            found[CharacterId(row.character_id)].append(row)
        return {character_id: _page(found[character_id], request) for character_id in character_ids}

    async def find_many(self, adapter_ids: Sequence[AdapterId]) -> Mapping[AdapterId, AdapterVersion]:
        found = self._here().where(VERSIONS.c.id.in_(adapter_ids))
        return {AdapterId(row.id): to_adapter(row) for row in await self._session.execute(found)}

    def _here(self) -> Select[*tuple[object, ...]]:
        return select(*VERSIONS.c).where(VERSIONS.c.workspace_id == self._workspace_id)


def _page(rows: list[AnyRow], request: PageRequest) -> Page[AdapterVersion]:
    nearest = sorted(rows, key=lambda row: (row.created_at, row.id), reverse=not request.is_backwards)
    return page_of([Edge(to_adapter(row), write_cursor(row.created_at, row.id)) for row in nearest], request)


def adapter_values(adapter: AdapterVersion) -> dict[str, object]:
    files = adapter.files
    return {
        "id": adapter.id,
        "workspace_id": adapter.workspace_id,
        "character_id": adapter.character_id,
        "number": adapter.number,
        "state": adapter.state.value,
        "trigger": adapter.trigger,
        "plan": _PLAN.dump_python(adapter.plan, mode="json"),
        "job_id": adapter.job_id,
        "present_id": adapter.present_id,
        "learned": None if adapter.learned is None else _LEARNED.dump_python(adapter.learned, mode="json"),
        "weights_id": None if files is None else files.weights_id,
        "plot_id": None if files is None else files.plot_id,
        "samples_id": None if files is None else files.samples_id,
        "refusal": adapter.refusal,
        "created_at": adapter.created_at,
        "ended_at": adapter.ended_at,
    }


def to_adapter(row: AnyRow) -> AdapterVersion:
    return AdapterVersion(
        id=AdapterId(row.id),
        workspace_id=WorkspaceId(row.workspace_id),
        character_id=CharacterId(row.character_id),
        number=row.number,
        trigger=row.trigger,
        plan=_PLAN.validate_python(row.plan),
        job_id=JobId(row.job_id),
        created_at=row.created_at,
        present_id=None if row.present_id is None else AdapterId(row.present_id),
        state=AdapterState(row.state),
        learned=None if row.learned is None else _LEARNED.validate_python(row.learned),
        files=_to_files(row),
        refusal=row.refusal,
        ended_at=row.ended_at,
    )


def _to_files(row: AnyRow) -> AdapterFiles | None:
    if row.weights_id is None:
        return None
    plot, samples = (None if each is None else ObjectId(each) for each in (row.plot_id, row.samples_id))
    return AdapterFiles(ObjectId(row.weights_id), plot, samples)
