"""Relay connections over keyset pages: `nodes`, `edges`, `pageInfo`, and cursors that nobody can make up."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions.field_extension import AsyncExtensionResolver, FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from api.context import Info
from domain.errors import Invalid
from domain.paging import Page, PageRequest

T = TypeVar("T")
M = TypeVar("M")
CURSOR_CHARACTERS_MAX = 1000
TAG_BYTES = 4


@lru_cache(maxsize=1024)
def encode_cursor(raw: str) -> str:
    """Wrap a store's own cursor so that clients neither read nor build on it."""
    body = raw.encode()
    return base64.urlsafe_b64encode(_tag(body) + body).decode().rstrip("=")


def decode_cursor(given: str, *, field: str = "after") -> str:
    """Answer what `encode_cursor` was given; raise Invalid for anything that it did not make."""
    refusal = Invalid("That cursor is not one of ours.", field=field)
    if len(given) > CURSOR_CHARACTERS_MAX or not given.isascii():
        raise refusal
    try:
        wrapped = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
        tag, body = wrapped[:TAG_BYTES], wrapped[TAG_BYTES:]
        raw = body.decode()
    except (binascii.Error, UnicodeDecodeError):
        raise refusal from None
    if tag != _tag(body) or encode_cursor(raw) != given:
        raise refusal
    return raw


def _tag(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=TAG_BYTES, person=b"lab-cursor").digest()


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="Whether the list goes on after this page.")
    has_previous_page: bool = strawberry.field(description="Whether the list has something before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first item; null for an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last item; null for an empty page.")


@strawberry.type(description="One item of a list and the cursor that points at it.")
class Edge(Generic[T]):
    """Relay's edge."""

    node: T = strawberry.field(description="The item.")
    cursor: str = strawberry.field(description="Points at this item; give it as `after` or `before`.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """Relay's connection, with `nodes` for those who need no cursors."""

    nodes: list[T] = strawberry.field(description="The items of this page.")
    edges: list[Edge[T]] = strawberry.field(description="The items of this page with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in the list.")


def connection(page: Page[M], present: Callable[[M], T]) -> Connection[T]:
    """Turn a page of the domain into a connection of what `present` makes of each item."""
    edges = [Edge(node=present(edge.item), cursor=encode_cursor(edge.cursor)) for edge in page.edges]
    info = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(nodes=[edge.node for edge in edges], edges=edges, page_info=info)


class Paged(FieldExtension):
    """Gives a list field `first`, `after`, `last`, `before`, and its resolver one `page: PageRequest` instead."""

    def apply(self, field: StrawberryField) -> None:
        ours = {"page", "first", "after", "last", "before"}  # a field is applied to once for each schema
        others = [argument for argument in field.arguments if argument.python_name not in ours]
        field.arguments = [
            *others,
            _argument("first", int, "How many items from the start, or after `after`; at most 100, 20 when left out."),
            _argument("after", str, "Read forwards from behind this cursor."),
            _argument("last", int, "How many items from the end, or before `before`; at most 100."),
            _argument("before", str, "Read backwards from before this cursor."),
        ]

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: object, info: Info, **kwargs: object
    ) -> object:
        page = page_request(**{name: kwargs.pop(name, None) for name in ("first", "after", "last", "before")})
        return await next_(source, info, page=page, **kwargs)


def page_request(*, first: object, after: object, last: object, before: object) -> PageRequest:
    """Read the four arguments of a list; raise Invalid for a number out of bounds or a cursor that is not ours."""
    return PageRequest(
        first=first if isinstance(first, int) else None,
        after=decode_cursor(after, field="after") if isinstance(after, str) else None,
        last=last if isinstance(last, int) else None,
        before=decode_cursor(before, field="before") if isinstance(before, str) else None,
    )


def _argument(name: str, kind: type, description: str) -> StrawberryArgument:
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(kind | None),
        description=description,
        default=strawberry.UNSET,
    )
