"""Keyset pages over lists ordered by moment and id, newest first, in one statement each way."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Row, Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from domain.errors import Invalid
from domain.paging import Edge, Page, PageRequest

T = TypeVar("T")
SEPARATOR = "|"


async def newest_first(
    session: AsyncSession,
    statement: Select[*tuple[object, ...]],
    *,
    keys: tuple[ColumnElement[datetime], ColumnElement[UUID]],
    request: PageRequest,
    present: Callable[[Row[*tuple[object, ...]]], tuple[T, datetime, UUID]],
) -> Page[T]:
    """Read one page; `present` answers the item and its keys. One row more than asked tells whether the list goes on.

    Raises Invalid for a cursor that no page gave.
    """
    place = tuple_(*keys)
    if request.after is not None:
        statement = statement.where(place < tuple_(*read_cursor(request.after, field="after")))
    if request.before is not None:
        statement = statement.where(place > tuple_(*read_cursor(request.before, field="before")))
    order = [key.asc() if request.is_backwards else key.desc() for key in keys]
    rows = list(await session.execute(statement.order_by(*order).limit(request.limit + 1)))
    goes_on, rows = len(rows) > request.limit, rows[: request.limit]
    if request.is_backwards:
        rows.reverse()
    items = [present(row) for row in rows]
    return Page(
        edges=[Edge(item, write_cursor(moment, key)) for item, moment, key in items],
        has_next=request.before is not None if request.is_backwards else goes_on,
        has_previous=goes_on if request.is_backwards else request.after is not None,
    )


def write_cursor(moment: datetime, key: UUID) -> str:
    """Answer the cursor of the item with these keys."""
    return f"{moment.isoformat()}{SEPARATOR}{key}"


def read_cursor(cursor: str, *, field: str) -> tuple[datetime, UUID]:
    """Answer the keys in a cursor; raises Invalid when it is none of ours."""
    moment, _, key = cursor.partition(SEPARATOR)
    try:
        place = datetime.fromisoformat(moment), UUID(key)
    except ValueError:
        raise Invalid("That cursor is not one of ours.", field=field) from None
    if place[0].tzinfo is None:
        raise Invalid("That cursor is not one of ours.", field=field)
    return place
