"""Keyset pages, in one statement each way: over lists ordered by moment and id, or by keys of the caller's own."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar, TypeVarTuple
from uuid import UUID

from sqlalchemy import Row, Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ColumnElement

from domain.errors import Invalid
from domain.paging import Edge, Page, PageRequest

T = TypeVar("T")
Columns = TypeVarTuple("Columns")
SEPARATOR = "|"


async def newest_first(
    session: AsyncSession,
    statement: Select[*tuple[object, ...]],
    *,
    keys: tuple[ColumnElement[datetime], ColumnElement[UUID]],
    request: PageRequest,
    present: Callable[[Row[*tuple[object, ...]]], tuple[T, datetime, UUID]],
) -> Page[T]:
    """Read one page of a list ordered by moment and id; `present` answers the item and its keys.

    Raises Invalid for a cursor that no page gave.
    """

    def edge(row: Row[*tuple[object, ...]]) -> Edge[T]:
        item, moment, key = present(row)
        return Edge(item, write_cursor(moment, key))

    return await highest_first(session, statement, keys=keys, request=request, read=read_cursor, present=edge)


class CursorReader(Protocol):
    """Answers the keys in a cursor; raises Invalid, naming the field, when it is none of ours."""

    def __call__(self, cursor: str, *, field: str) -> Sequence[object]: ...


async def highest_first(
    session: AsyncSession,
    statement: Select[*Columns],
    *,
    keys: Sequence[ColumnElement[datetime] | ColumnElement[UUID]],
    request: PageRequest,
    read: CursorReader,
    present: Callable[[Row[*Columns]], Edge[T]],
) -> Page[T]:
    """Read one page of a list ordered by the keys; one row more than asked tells whether it goes on.

    Raises Invalid for a cursor that no page gave.
    """
    rows = await session.execute(page_statement(statement, keys=keys, request=request, read=read))
    return page_of([present(row) for row in rows], request)


def page_statement(
    statement: Select[*Columns],
    *,
    keys: Sequence[ColumnElement[datetime] | ColumnElement[UUID]],
    request: PageRequest,
    read: CursorReader,
) -> Select[*Columns]:
    """Ask for one page, nearest first, and one row more; raises Invalid for a cursor that no page gave."""
    place = tuple_(*keys)
    if request.after is not None:
        statement = statement.where(place < tuple_(*read(request.after, field="after")))
    if request.before is not None:
        statement = statement.where(place > tuple_(*read(request.before, field="before")))
    order = [key.asc() if request.is_backwards else key.desc() for key in keys]
    return statement.order_by(*order).limit(request.limit + 1)


def page_of(nearest: Sequence[Edge[T]], request: PageRequest) -> Page[T]:
    """The page of what `page_statement` found, in its order."""
    goes_on, edges = len(nearest) > request.limit, list(nearest[: request.limit])
    if request.is_backwards:
        edges.reverse()
    return Page(
        edges=edges,
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
