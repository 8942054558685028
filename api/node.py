"""Global ids: `character_0199…` names one thing of one type; `node` and `nodes` fetch by them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from api.context import Context, Info
from api.permissions import VIEWER
from domain.errors import Invalid
from domain.identifiers import public_id
from domain.paging import PAGE_ITEMS_MAX


@strawberry.interface(description="Anything that can be fetched again by its id.")
class Node:
    """What `node(id)` can answer."""

    id: strawberry.ID = strawberry.field(description="Names this thing among all others.")


NodeFetch = Callable[[Context, Sequence[UUID]], Awaitable[Mapping[UUID, Node]]]


def global_id(type_name: str, local_id: UUID) -> strawberry.ID:
    """Join a type's name and its key to an id such as `character_0199…`."""
    return strawberry.ID(public_id(type_name, local_id))


def local_id(type_name: str, given: strawberry.ID, *, field: str = "id") -> UUID:
    """Answer the key in the id of a thing of this type; raise Invalid for any other id."""
    found, key = _split(given, field)
    if found != type_name:
        raise Invalid(f"`{field}` is the id of a {found}; a {type_name} is wanted.", field=field)
    return key


def _split(given: str, field: str) -> tuple[str, UUID]:
    name, separator, key = given.partition("_")
    try:
        parsed = UUID(key)
    except ValueError:
        raise Invalid(f"`{field}` is not an id of ours.", field=field) from None
    if not separator or not name.isalpha() or str(parsed) != key:
        raise Invalid(f"`{field}` is not an id of ours.", field=field)
    return f"{name[0].upper()}{name[1:]}", parsed


def node_queries(sources: Mapping[str, NodeFetch]) -> type:
    """The queries `node` and `nodes` over what the slices can fetch."""

    async def fetch(context: Context, ids: Sequence[strawberry.ID], field: str) -> list[Node | None]:
        wanted = [_split(given, field) for given in ids]
        found: dict[tuple[str, UUID], Node] = {}
        for name in sorted({name for name, _ in wanted if name in sources}):
            nodes = await sources[name](context, [key for each, key in wanted if each == name])
            found |= {(name, key): node for key, node in nodes.items()}
        return [found.get(each) for each in wanted]

    @strawberry.type
    class NodeQueries:
        """Anything by its id."""

        @strawberry.field(
            description="Fetch one thing by its id; null when there is none or it is not yours.", extensions=[VIEWER]
        )
        async def node(
            self,
            info: Info,
            given: Annotated[strawberry.ID, strawberry.argument(name="id", description="The id of anything.")],
        ) -> Node | None:
            return (await fetch(info.context, [given], "id"))[0]

        @strawberry.field(description="Fetch things by their ids, in the order asked for.", extensions=[VIEWER])
        async def nodes(
            self,
            info: Info,
            ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 ids.")],
        ) -> list[Node | None]:
            if len(ids) > PAGE_ITEMS_MAX:
                raise Invalid(f"Ask for at most {PAGE_ITEMS_MAX} ids at once.", field="ids")
            return await fetch(info.context, ids, "ids")

    return NodeQueries
