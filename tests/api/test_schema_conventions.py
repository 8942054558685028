"""What every part of the schema owes its readers: a permission at each root field, a description everywhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    is_introspection_type,
    is_specified_scalar_type,
)
from strawberry.types.field import StrawberryField

from api.permissions import Allow
from api.schema import SLICES, LabSchema, build_schema, export
from api.slices import Slice
from tests.api.toy import TOYS

SCHEMAS = [build_schema(), build_schema((TOYS,))]


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


def test_no_two_slices_name_a_root_field_alike() -> None:
    fields = [name for name, _ in root_fields(SCHEMAS[0])]
    assert len(fields) == len(set(fields))


def test_the_exported_schema_is_the_schema() -> None:
    exported = (Path(__file__).parents[2] / "schema.graphql").read_text()
    assert exported == export(), "run `make schema` and read the difference: it is the contract with every client"


def test_the_exported_schema_does_not_hang_on_the_order_of_slices() -> None:
    assert build_schema(SLICES[::-1], is_sorted=True).as_str() == build_schema(is_sorted=True).as_str()


def test_every_mutation_answers_a_union_whose_refusals_have_a_message() -> None:
    refusal = SCHEMAS[0].graphql.type_map["Refusal"]
    assert isinstance(refusal, GraphQLInterfaceType)
    for name, type_ in SCHEMAS[0].graphql.type_map.items():
        if isinstance(type_, GraphQLUnionType) and name.endswith("Result"):
            first, *others = type_.types
            assert refusal not in first.interfaces, name
            assert all(refusal in each.interfaces for each in others), name
