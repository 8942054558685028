"""How heavy documents are found to be, and which are turned away before validation."""

from pathlib import Path

import pytest
from graphql import GraphQLObjectType, get_introspection_query, parse

from api.extensions.documents import Documents, Prepared
from api.extensions.sizes import LIST_ITEMS
from api.extensions.weight import FIELD_COSTS, Weight, check_weight, is_list, weigh
from api.limits import Limits
from api.schema import LabSchema, lab_schema
from domain.errors import Invalid
from tests.api.conftest import SCHEMA

LIMITS = Limits()
NINETY_NINE = "fragment A on Query { " + " ".join(f"a{n}: hello @skip(if: true)" for n in range(99)) + " }"


def prepared(document: str) -> Prepared:
    found = Documents(SCHEMA, LIMITS).prepare(document)
    assert isinstance(found, Prepared), found
    return found


def weight(document: str, **variables: object) -> Weight:
    return Documents(SCHEMA, LIMITS).weigh(prepared(document), "", variables)


def complaint(document: str) -> str:
    found = Documents(SCHEMA, LIMITS).prepare(document)
    assert not isinstance(found, Prepared)
    return found[0].message


def doubled(times: int, selection: str) -> str:
    """Fragments of which each takes the next one twice."""
    parts = (f"fragment F{n} on Thing {{ {selection.replace('NEXT', f'...F{n + 1}')} }}" for n in range(times))
    return f"{{ node(id: 1) {{ ...F0 }} }} {' '.join(parts)} fragment F{times} on Thing {{ id }}"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ hello }", Weight(depth=1)),
        ("{ a: hello b: hello @skip(if: false) }", Weight(depth=1, aliases=2, directives=1)),
        ("{ node(id: 1) { id } }", Weight(depth=2, cost=1)),
        ("{ things { nodes { id } } }", Weight(depth=3, cost=21)),
        ("{ things(first: 3) { nodes { id } edges { node { id } } } }", Weight(depth=4, cost=1 + 3 + 3 * 2)),
        ("{ things(last: 0) { nodes { id } } }", Weight(depth=3, cost=2)),
        ("{ things(first: 1000000000) { nodes { id } } }", Weight(depth=3, cost=101)),
        ("{ things(first: 2) { nodes { others { id } } } }", Weight(depth=4, cost=1 + 2 * (1 + 5))),
        ("mutation { burn }", Weight(depth=1, cost=10)),
        ("{ ...A ...A } fragment A on Query { x: hello }", Weight(depth=1, aliases=1)),
        ("{ ... { ... on Query { hello } } }", Weight(depth=1)),
    ],
)
def test_weights(document: str, expected: Weight) -> None:
    assert weight(document) == expected


def test_a_page_size_in_a_variable_counts_as_given() -> None:
    document = "query($n: Int) { things(first: $n) { nodes { id } } }"
    assert [weight(document, n=n).cost for n in (1, 50, 1000, 50.0, None, "x")] == [2, 51, 101, 51, 21, 21]


def test_a_variable_that_is_left_out_counts_as_its_default() -> None:
    document = "query($n: Int = 100) { things(first: $n) { nodes { id } } }"
    assert [weight(document).cost, weight(document, n=1).cost, weight(document, n=None).cost] == [101, 2, 21]
    several = document.replace("query", "query A") + " query B($n: Int = 3) { things(first: $n) { nodes { id } } }"
    assert [Documents(SCHEMA, LIMITS).weigh(prepared(several), name, {}).cost for name in "AB"] == [101, 101]


def test_a_list_with_a_size_of_its_own_is_as_long_as_it_says() -> None:
    schema = lab_schema().graphql
    document = '{ searchCharacters(text: "x", first: 50) { character { aliases images { id } } } }'
    weights, _ = weigh(parse(document), schema, LIMITS, {})
    assert weights[""].cost == 50 * (1 + 1 + LIST_ITEMS["Character", "images"])


@pytest.mark.parametrize(
    ("ids", "variables", "count"),
    [
        ("[1, 2, 2]", {}, 3),
        ("1", {}, 1),
        ("[$one, 1]", {"one": "1"}, 2),
        ("$ids", {"ids": ["1"] * 70}, 70),
        ("$ids", {"ids": ["1"] * 101}, 100),
        ("$ids", {"ids": "1"}, 1),
        ("$ids", {}, 2),
    ],
)
def test_nodes_are_as_many_as_their_ids_and_a_doubled_one_twice(
    ids: str, variables: dict[str, object], count: int
) -> None:
    document = (
        f"query($one: ID, $ids: [ID!]! = [1, 2]) {{ nodes(ids: {ids}) {{ ... on Storyboard {{ shots {{ id }} }} }} }}"
    )
    weights, _ = weigh(parse(document), lab_schema().graphql, LIMITS, variables)
    assert weights[""].cost == count * (1 + LIST_ITEMS["Storyboard", "shots"])


def test_one_storyboard_a_hundred_times_a_hundred_is_too_heavy() -> None:
    schema = lab_schema().graphql
    aliases = " ".join(f"a{n}: nodes(ids: $i) {{ ...F }}" for n in range(100))
    document = f"query($i: [ID!]!) {{ {aliases} }} fragment F on Storyboard {{ shots {{ id }} }}"
    weights, reads_variables = weigh(parse(document), schema, LIMITS, {"i": ["storyboard_1"] * 100})
    assert reads_variables
    with pytest.raises(Invalid, match="310000 points of cost"):
        check_weight(weights[""], LIMITS)


def test_a_search_by_a_picture_weighs_what_looking_at_it_takes() -> None:
    schema = lab_schema().graphql
    looks = [f"a{n}: searchCharactersByPicture(uploadId: 1, first: 2) {{ score }}" for n in range(40)]
    weights, _ = weigh(parse(f"{{ {looks[0]} }}"), schema, LIMITS, {})
    assert weights[""].cost == 500 + 2
    weights, _ = weigh(parse(f"{{ {' '.join(looks)} }}"), schema, LIMITS, {})
    with pytest.raises(Invalid, match="points of cost"):
        check_weight(weights[""], LIMITS)


@pytest.mark.parametrize(("kind", "field"), FIELD_COSTS)
def test_fields_that_cost_more_are_fields_of_the_schema(kind: str, field: str) -> None:
    owner = lab_schema().graphql.get_type(kind)
    assert isinstance(owner, GraphQLObjectType)
    assert field in owner.fields


@pytest.mark.parametrize(("kind", "field"), LIST_ITEMS)
def test_lists_whose_length_is_told_are_lists_of_the_schema(kind: str, field: str) -> None:
    owner = lab_schema().graphql.get_type(kind)
    assert isinstance(owner, GraphQLObjectType)
    assert is_list(owner.fields[field].type)


# What graphql-core and graphql-js write for their clients: codegen, explorers, editors.
WAYS_TO_ASK = {
    "plain": get_introspection_query(),
    "bare": get_introspection_query(descriptions=False, type_depth=7),
    "whole": get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
        experimental_directive_deprecation=True,
        one_of=True,
        type_depth=9,
    ),
    "explorer": Path("api/static/schema.js").read_text(encoding="utf-8").split("`")[3],
}


@pytest.mark.parametrize("way", WAYS_TO_ASK)
@pytest.mark.parametrize("schema", [SCHEMA, lab_schema()], ids=["toys", "lab"])
def test_what_clients_ask_to_know_the_schema_is_allowed(schema: LabSchema, way: str) -> None:
    text = WAYS_TO_ASK[way].replace("${INPUT}", "name type { ${TYPE} }").replace("${TYPE}", "kind ofType { kind name }")
    weights, _ = weigh(parse(text), schema.graphql, LIMITS, {})
    (found,) = weights.values()
    check_weight(found, LIMITS)
    assert isinstance(found.cost, int)


@pytest.mark.parametrize(
    "document",
    [
        "{ " + " ".join(f"a{n}: __schema {{ types {{ name }} }}" for n in range(2)) + " }",
        "{ ...A b: __schema { types { name } } } fragment A on Query { a: __schema { types { name } } }",
        "{ ...A ... { ...A } } fragment A on Query { __schema { types { name } } }",
    ],
)
def test_the_schema_is_told_once_an_operation(document: str) -> None:
    with pytest.raises(Invalid, match="2 times `__schema`; at most 1"):
        weight(document)


def test_the_types_of_the_schema_are_counted_as_many_as_they_are() -> None:
    schema = lab_schema().graphql
    weights, _ = weigh(parse("{ __schema { types { name } } }"), schema, LIMITS, {})
    assert weights[""].cost == 1 + len(schema.type_map)
    many = " ".join(f"a{n}: types {{ fields {{ args {{ name }} }} }}" for n in range(52))
    weights, _ = weigh(parse(f"{{ __schema {{ {many} }} }}"), schema, LIMITS, {})
    with pytest.raises(Invalid, match="points of cost"):
        check_weight(weights[""], LIMITS)


def test_a_type_asked_for_by_name_may_be_the_largest() -> None:
    schema = lab_schema().graphql
    largest = max(len(each.fields) for each in schema.type_map.values() if isinstance(each, GraphQLObjectType))
    weights, _ = weigh(parse('{ __type(name: "Query") { fields { name } } }'), schema, LIMITS, {})
    assert weights[""].cost > largest


def test_fragments_that_double_17_times_are_walked_once() -> None:
    assert weight(doubled(17, "NEXT NEXT")) == Weight(depth=2, cost=1)


def test_fields_that_double_17_times_are_counted_without_being_walked() -> None:
    ready = prepared(doubled(17, "a: others { NEXT } b: others { NEXT }"))
    with pytest.raises(Invalid, match="262142 aliases"):
        Documents(SCHEMA, LIMITS).weigh(ready, "", {})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{ node(id: 1) { ... on Thing { " + "others { " * 60 + "id" + " }" * 63, "60 levels"),
        ("{ hello }" + "".join(f"fragment F{n} on Query {{ ...F{n + 1} }} " for n in range(300)), "60 levels"),
        ("{ " + "hello " * 21 + "}", "more than 20 times"),
        ("{ " + " ".join(f"a{n}: hello" for n in range(1001)) + "}", "more than 1000 fields"),
        ("{ " + "hello " * 5001 + "}", "more than 5000 tokens"),
        ("{ hello } #" + "x" * 200_000, "more than 200000 characters; long texts belong into variables"),
        ("{ a" * 60_000, "nested too deeply"),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A hello }", "within itself"),
        ("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }", "introspection depth"),
    ],
)
def test_what_validation_must_not_see_or_refuses(document: str, message: str) -> None:
    assert message in complaint(document)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{ " + " ".join(f"a{n}: hello" for n in range(101)) + "}", "101 aliases"),
        ("{ ...A @skip(if: true) hello @skip(if: true) } " + NINETY_NINE, "101 directives"),
        ("{ things(first: 100) { nodes { others { others { others { others { id } } } } } } }", "points of cost"),
        ("{ things { nodes { " + "others { " * 18 + "id" + " }" * 21, "fields deep"),
    ],
)
def test_what_is_too_heavy_to_run(document: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        weight(document)


def test_a_document_is_prepared_once() -> None:
    documents = Documents(SCHEMA, LIMITS)
    assert documents.prepare("{ hello }") is documents.prepare("{ hello }")


def test_a_document_that_is_too_long_drives_no_other_out() -> None:
    documents = Documents(SCHEMA, LIMITS)
    first = documents.prepare("{ hello }")
    documents.prepare("{ hello }" + " " * LIMITS.document_cache_characters)
    assert documents.prepare("{ hello }") is first


def test_documents_are_forgotten_when_there_are_too_many() -> None:
    documents = Documents(SCHEMA, Limits(document_cache_characters=20))
    first = documents.prepare("{ hello }")
    documents.prepare("{ a: hello }")
    assert documents.prepare("{ hello }") is not first
