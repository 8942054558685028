"""What every part of the schema owes its readers: a permission at each root field, a description everywhere."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    is_introspection_type,
    is_specified_scalar_type,
)
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField

from api.node import node_queries
from api.permissions import Allow
from api.schema import SLICES, LabSchema, build_schema, export
from api.slices import Slice
from tests.api.toy import TOYS

SCHEMAS = [build_schema(), build_schema((TOYS,))]
# Mutations that have nothing to refuse: what they are asked for is done, or is so already.
NEVER_REFUSED = {
    "cancelRender": "its outcome says how far the cancel came, and that there is no such render",
    "pauseQueue": "a queue is one of three, and pausing it again changes nothing",
    "resumeQueue": "as pauseQueue",
    "requeueJobs": "which jobs were refused is part of the answer",
    "signOut": "whoever is signed in can sign out",
}


@strawberry.type
class Careless:
    """A root field that forgot who may."""

    @strawberry.field
    def careless(self) -> str:
        return "open to everybody, by accident"


def root_fields(schema: LabSchema) -> Iterator[tuple[str, StrawberryField]]:
    for root in (schema.graphql.query_type, schema.graphql.mutation_type, schema.graphql.subscription_type):
        for name, field in root.fields.items() if root else ():
            yield name, field.extensions["strawberry-definition"]


def without_permission(schema: LabSchema) -> list[str]:
    return [
        name
        for name, field in root_fields(schema)
        if sum(isinstance(extension, Allow) for extension in field.extensions) != 1
    ]


def undescribed(schema: LabSchema) -> list[str]:
    found: list[str] = []
    for type_ in schema.graphql.type_map.values():
        if not is_introspection_type(type_) and not is_specified_scalar_type(type_):
            found += [name for name, description in described_parts(type_) if not description]
    return found


def described_parts(type_: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    yield type_.name, type_.description
    if isinstance(type_, GraphQLEnumType):
        for name, value in type_.values.items():
            yield f"{type_.name}.{name}", value.description
    if isinstance(type_, GraphQLInputObjectType):
        for name, entry in type_.fields.items():
            yield f"{type_.name}.{name}", entry.description
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in type_.fields.items():
            yield f"{type_.name}.{name}", field.description
            for argument, details in field.args.items():
                yield f"{type_.name}.{name}({argument})", details.description


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_root_field_says_who_may_use_it(schema: LabSchema) -> None:
    assert without_permission(schema) == []


def test_a_root_field_without_a_permission_is_found() -> None:
    assert without_permission(build_schema((Slice(queries=(Careless,)),))) == ["careless"]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_type_field_argument_and_value_is_described(schema: LabSchema) -> None:
    assert undescribed(schema) == []


def test_a_field_without_a_description_is_found() -> None:
    assert undescribed(build_schema((Slice(queries=(Careless,)),))) == ["Query.careless"]


def named_twice(slices: Sequence[Slice]) -> list[str]:
    """The root fields of more than one class: in the schema, the first hides the others."""
    roots = [(each.queries, each.mutations, each.subscriptions) for each in slices]
    parts = [node_queries({}), *chain.from_iterable(chain.from_iterable(roots))]
    fields = Counter(field.name for part in parts for field in get_object_definition(part, strict=True).fields)
    return [name for name, times in fields.items() if times > 1]


def test_no_two_slices_name_a_root_field_alike() -> None:
    assert named_twice(SLICES) == []


def test_a_root_field_that_two_slices_name_is_found() -> None:
    assert named_twice((Slice(queries=(Careless,)), Slice(queries=(Careless,)))) == ["careless"]


def test_the_exported_schema_is_the_schema() -> None:
    exported = (Path(__file__).parents[2] / "schema.graphql").read_text()
    assert exported == export(), "run `make schema` and read the difference: it is the contract with every client"


def test_the_exported_schema_does_not_hang_on_the_order_of_slices() -> None:
    assert build_schema(SLICES[::-1], is_sorted=True).as_str() == build_schema(is_sorted=True).as_str()


def test_every_mutation_but_those_that_refuse_nothing_answers_a_union_whose_refusals_have_a_message() -> None:
    mutations, refusal = SCHEMAS[0].graphql.mutation_type, SCHEMAS[0].graphql.type_map["Refusal"]
    assert mutations is not None
    without_union: set[str] = set()
    for name, field in mutations.fields.items():
        answer = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        if not isinstance(answer, GraphQLUnionType):
            without_union.add(name)
            continue
        first, *others = answer.types
        assert refusal not in first.interfaces, name
        assert others, name
        assert all(refusal in each.interfaces for each in others), name
    assert without_union == set(NEVER_REFUSED)
