"""Bytes that nothing owns, marked by one sweep and deleted by the next."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.media.models import Lab, ListedFile
from domain.media.policies import holder_of

LAB = text("select id, had_objects from lab")
# One snapshot for all three: an output whose claim commits meanwhile is seen either as still running or as an object.
OWNED = """(
    exists (select 1 from objects o where o.key = f.key)
    or exists (select 1 from uploads u where u.id = f.holder_id)
    or exists (select 1 from jobs j where j.claim_id = f.holder_id and j.state = 'running')
)"""
NOW = text("select clock_timestamp()")
FILES = "unnest(cast(:keys as text[]), cast(:holders as uuid[])) as f (key, holder_id)"
OWNS_ALL = text(f"select not exists (select from {FILES} where not {OWNED})")  # noqa: S608 - constants
MARK = text(
    "insert into strays (key, holder_id)"  # noqa: S608 - constants
    " select f.key, f.holder_id from unnest(cast(:keys as text[]), cast(:holders as uuid[]),"
    " cast(:moments as timestamptz[])) as f (key, holder_id, modified_at)"
    f" where f.modified_at < clock_timestamp() - cast(:age as interval) and not {OWNED}"
    " on conflict do nothing returning 1"
)
ACQUIT = text(f"delete from strays f where f.marked_at < :before and {OWNED}")  # noqa: S608 - constants
LIST = text(
    f"select f.key from strays f where f.marked_at < :before and not {OWNED}"  # noqa: S608 - constants
    " order by f.marked_at limit :limit"
)
REMOVE = text("delete from strays where key = any(:keys)")


class PostgresStrays:
    """Marks of the whole bucket; for the jobs' role, which sees every workspace."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def now(self) -> datetime:
        return (await self._session.scalars(NOW)).one()

    async def find_lab(self) -> Lab:
        lab_id, had_objects = (await self._session.execute(LAB)).one()
        return Lab(lab_id, had_objects)

    async def owns_all(self, files: Sequence[ListedFile]) -> bool:
        parameters = {"keys": [file.key for file in files], "holders": [holder_of(file.key) for file in files]}
        return (await self._session.scalars(OWNS_ALL, parameters)).one()

    async def mark(self, files: Sequence[ListedFile], *, age: timedelta) -> int:
        parameters = {
            "keys": [file.key for file in files],
            "holders": [holder_of(file.key) for file in files],
            "moments": [file.modified_at for file in files],
            "age": age,
        }
        return len((await self._session.scalars(MARK, parameters)).all())

    async def list_marked(self, *, before: datetime, limit: int) -> Sequence[str]:
        await self._session.execute(ACQUIT, {"before": before})
        return (await self._session.scalars(LIST, {"before": before, "limit": limit})).all()

    async def remove(self, keys: Sequence[str]) -> None:
        await self._session.execute(REMOVE, {"keys": list(keys)})
