"""How much introspection answers: the sizes of the schema's own lists, as far as no document tells them.

The standard query for a schema of 250 types asks for some four thousand objects. By one size for every list it would
either be dearer than it is by far or, repeated, cheaper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    GraphQLWrappingType,
    is_abstract_type,
)

# The fields that start it: the whole schema, and one type by its name.
SCHEMA_FIELD, TYPE_FIELD = "__schema", "__type"


@dataclass(frozen=True, slots=True)
class Introspection:
    """`items` has the size of each list by (type, field), of `ofType` how often it is there; `items_max` the longest.

    What a type has is averaged over all types, and is 1 at least.
    """

    items: Mapping[tuple[str, str], float]
    items_max: int


@lru_cache(maxsize=4)
def introspection_of(schema: GraphQLSchema) -> Introspection:
    """Measure the schema, once."""
    types = list(schema.type_map.values())
    owners = [each for each in types if isinstance(each, GraphQLObjectType | GraphQLInterfaceType)]
    fields = [field for each in owners for field in each.fields.values()]
    lists = {
        "fields": [len(each.fields) for each in owners],
        "interfaces": [len(each.interfaces) for each in owners],
        "inputFields": [len(each.fields) for each in types if isinstance(each, GraphQLInputObjectType)],
        "enumValues": [len(each.values) for each in types if isinstance(each, GraphQLEnumType)],
        "possibleTypes": [len(schema.get_possible_types(each)) for each in types if is_abstract_type(each)],
    }
    items = {("__Type", name): _average(sizes, len(types)) for name, sizes in lists.items()} | {
        ("__Schema", "types"): float(len(types)),
        ("__Schema", "directives"): float(len(schema.directives)),
        ("__Directive", "args"): _average([len(each.args) for each in schema.directives], len(schema.directives)),
        ("__Field", "args"): _average([len(field.args) for field in fields], len(fields)),
        ("__Type", "ofType"): _share_wrapped([_wraps(field.type) for field in fields]),
    }
    return Introspection(items, max(max(sizes, default=1) for sizes in lists.values()))


def _average(sizes: Sequence[int], count: int) -> float:
    return max(sum(sizes) / max(count, 1), 1.0)


def _share_wrapped(wraps: Sequence[int]) -> float:
    """Of all links in the chains of fields' types, the share that another follows."""
    return sum(wraps) / max(sum(wraps) + len(wraps), 1)


def _wraps(each: GraphQLType) -> int:
    return 1 + _wraps(each.of_type) if isinstance(each, GraphQLWrappingType) else 0
