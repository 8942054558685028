"""The whole schema: one line a slice, put together here; `python -m api.schema` prints it."""

import sys
from collections.abc import Sequence
from functools import cache
from itertools import chain

import strawberry
from graphql import GraphQLError, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from api.accounts import SLICE as ACCOUNTS
from api.characters import SLICE as CHARACTERS
from api.events import SLICE as EVENTS
from api.extensions.prepared import PreparedDocument
from api.jobs import SLICE as JOBS
from api.media import SLICE as MEDIA
from api.node import node_queries
from api.renders import SLICE as RENDERS
from api.scalars import SCALARS
from api.slices import Slice
from api.storyboards import SLICE as STORYBOARDS

# A slice adds itself in one line.
SLICES: tuple[Slice, ...] = (EVENTS, ACCOUNTS, MEDIA, CHARACTERS, STORYBOARDS, RENDERS, JOBS)


class LabSchema(strawberry.Schema):
    """The schema; errors are logged where they are masked (api/errors.py), once, so not here."""

    @property
    def graphql(self) -> GraphQLSchema:
        """What graphql-core works on."""
        return self._schema

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        del errors, execution_context


def build_schema(slices: Sequence[Slice] = SLICES, *, is_sorted: bool = False) -> LabSchema:
    """Put the slices' root fields together; a root type without fields is left out.

    A sorted schema is for printing only: strawberry resolves unions by identity, and sorting makes new types.
    """
    sources = dict(chain.from_iterable(each.nodes.items() for each in slices))
    queries = [*chain.from_iterable(each.queries for each in slices), node_queries(sources)]
    query = _root("Query", queries, "What can be asked.")
    if query is None:
        raise TypeError("a schema needs a query")
    return LabSchema(
        query=query,
        mutation=_root("Mutation", list(chain.from_iterable(each.mutations for each in slices)), "What can be done."),
        subscription=_root(
            "Subscription", list(chain.from_iterable(each.subscriptions for each in slices)), "What can be watched."
        ),
        types=list(chain.from_iterable(each.types for each in slices)),
        extensions=[PreparedDocument],
        config=StrawberryConfig(scalar_map=SCALARS, sort_schema=is_sorted),
    )


@cache
def lab_schema() -> LabSchema:
    """The schema of all slices, put together once a process: it takes longer than all else of an application."""
    return build_schema()


def _root(name: str, parts: Sequence[type], description: str) -> type | None:
    """One root type with the fields of all parts, each named once."""
    if not parts:
        return None
    return strawberry.type(type(name, tuple(parts), {}), description=description)


def export() -> str:
    """The schema as text, in alphabetical order, so that a change shows as what it is."""
    return build_schema(is_sorted=True).as_str() + "\n"


if __name__ == "__main__":
    sys.stdout.write(export())
