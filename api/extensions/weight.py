"""How heavy a document is: depth, aliases, directives and cost in one walk that remembers fragments.

A fragment is weighed once for each page size around it, so that fragments that double one another 17 times cost 17
steps and not 131,072. The walk runs before validation: whatever it does not know weighs like a leaf.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    is_introspection_type,
)

from api.extensions.introspection import SCHEMA_FIELD, TYPE_FIELD, Introspection, introspection_of
from api.extensions.sizes import LIST_ITEMS, LIST_ITEMS_ASSUMED, Sizes
from api.limits import Limits
from domain.errors import Invalid

MUTATION_COST = 10
OBJECT_COST = 1
# Beside what they answer: a picture is fetched, decoded and embedded, half a second of a processor.
FIELD_COSTS: Mapping[tuple[str, str], int] = {("Query", "searchCharactersByPicture"): 500}


@dataclass(frozen=True, slots=True)
class Weight:
    """Of a selection with all that lies below it; counts are of what is executed, a fragment used twice twice."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    cost: float = 0  # whole, but for parts of an introspection
    introspections: int = 0

    def plus(self, other: "Weight") -> "Weight":
        return Weight(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.cost + other.cost,
            self.introspections + other.introspections,
        )


@dataclass
class Walk:
    """One walk over one document."""

    schema: GraphQLSchema
    limits: Limits
    sizes: Sizes
    fragments: Mapping[str, FragmentDefinitionNode]
    introspection: Introspection
    memory: dict[tuple[str, int], Weight] = field(default_factory=dict[tuple[str, int], Weight])
    fields: int = 0

    def selection(
        self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None, page_size: int, level: int
    ) -> Weight:
        """Weigh a selection on a type; raise Invalid when it nests or repeats itself beyond the limits."""
        if level > self.limits.levels_max:
            raise Invalid(f"The document nests deeper than {self.limits.levels_max} levels.")
        total, names = Weight(), dict[str, int]()
        for node in selections.selections if selections else ():
            name = name_in_response(node)
            names[name] = names.get(name, 0) + 1
            if names[name] > self.limits.repeats_max:
                raise Invalid(f"`{name}` stands more than {self.limits.repeats_max} times in one selection.")
            # The executor takes a spread in one selection once, however often it stands there.
            if not isinstance(node, FragmentSpreadNode) or names[name] == 1:
                total = total.plus(self.node(node, parent, page_size, level + 1))
        return total

    def node(self, node: SelectionNode, parent: GraphQLNamedType | None, page_size: int, level: int) -> Weight:
        own = Weight(directives=len(node.directives or ()))
        if isinstance(node, FieldNode):
            return own.plus(self.field(node, parent, page_size, level))
        if isinstance(node, FragmentSpreadNode):
            return own.plus(self.fragment(node.name.value, page_size, level))
        if isinstance(node, InlineFragmentNode):
            on = node.type_condition
            inner = self.schema.get_type(on.name.value) if on else parent
            return own.plus(self.selection(node.selection_set, inner, page_size, level))
        return own

    def fragment(self, name: str, page_size: int, level: int) -> Weight:
        key = (name, page_size)
        if key not in self.memory:
            self.memory[key] = Weight()  # a cycle weighs nothing here; validation refuses it
            if found := self.fragments.get(name):
                on = self.schema.get_type(found.type_condition.name.value)
                weight = self.selection(found.selection_set, on, page_size, level)
                self.memory[key] = replace(weight, directives=weight.directives + len(found.directives or ()))
        return self.memory[key]

    def field(self, node: FieldNode, parent: GraphQLNamedType | None, page_size: int, level: int) -> Weight:
        self.fields += 1
        if self.fields > self.limits.fields_max:
            raise Invalid(f"The document has more than {self.limits.fields_max} fields.")
        definition = self.definition(node, parent)
        inner = get_named_type(definition.type) if definition else None
        below = self.selection(node.selection_set, inner, self.page_size(node, definition), level)
        own = OBJECT_COST if inner is not None and is_composite_type(inner) else 0
        if parent is not None and parent is self.schema.mutation_type:
            own = MUTATION_COST
        cost = self.items(node, parent, page_size) * (own + below.cost)
        cost += FIELD_COSTS.get((parent.name if parent else "", node.name.value), 0)
        return Weight(
            below.depth + 1,
            below.aliases + (1 if node.alias else 0),
            below.directives,
            cost if parent is not None and is_introspection_type(parent) else ceil(cost),
            below.introspections + (1 if node.name.value == SCHEMA_FIELD else 0),
        )

    def items(self, node: FieldNode, parent: GraphQLNamedType | None, page_size: int) -> float:
        """How many objects the field answers: for a list what its arguments or its page say, else a usual number."""
        definition = self.definition(node, parent)
        if parent is None or definition is None:
            return 1
        key = (parent.name, node.name.value)
        found = self.introspection.items.get(key)
        if is_list(definition.type):
            asked = self.sizes.of(node, definition) or page_size
            return asked or found or LIST_ITEMS.get(key, LIST_ITEMS_ASSUMED)
        return 1 if found is None else found

    def definition(self, node: FieldNode, parent: GraphQLNamedType | None) -> GraphQLField | None:
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            return self.schema.get_field(parent, node.name.value)
        return None

    def page_size(self, node: FieldNode, definition: GraphQLField | None) -> int:
        """How many items the lists just below this field have; 0 where its arguments do not say."""
        if node.name.value == TYPE_FIELD:
            # Its name may be that of the largest.
            return self.introspection.items_max
        if definition is None or is_list(definition.type):
            return 0
        return self.sizes.page_of(node, definition)


def is_list(output: object) -> bool:
    inner = output.of_type if isinstance(output, GraphQLNonNull) else output
    return isinstance(inner, GraphQLList)


def name_in_response(node: SelectionNode) -> str:
    if isinstance(node, FieldNode):
        return (node.alias or node.name).value
    return f"...{node.name.value}" if isinstance(node, FragmentSpreadNode) else "..."


def weigh(
    document: DocumentNode, schema: GraphQLSchema, limits: Limits, variables: Mapping[str, object]
) -> tuple[dict[str, Weight], bool]:
    """Weigh every operation of a document, by name (empty for none), and say whether that hangs on the variables.

    Fragments are walked even where no operation uses them, because validation will. Raises Invalid for a document that
    validation must not see.
    """
    definitions = document.definitions
    fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
    operations = [each for each in definitions if isinstance(each, OperationDefinitionNode)]
    sizes = Sizes.read(operations, variables)
    walk = Walk(schema, limits, sizes, fragments, introspection_of(schema))
    weights: dict[str, Weight] = {}
    for each in operations:
        root = schema.get_root_type(each.operation)
        weight = walk.selection(each.selection_set, root, 0, 0)
        own = Weight(directives=len(each.directives or ()))
        weights[each.name.value if each.name else ""] = weight.plus(own)
    for name in fragments:
        walk.fragment(name, 0, 0)
    return weights, sizes.reads_variables


def check_weight(weight: Weight, limits: Limits) -> None:
    """Raise Invalid for an operation that is deeper, wider or dearer than the limits."""
    bounds = (
        ("fields deep", weight.depth, limits.depth_max),
        ("aliases", weight.aliases, limits.aliases_max),
        ("directives", weight.directives, limits.directives_max),
        ("points of cost", weight.cost, limits.cost_max),
        (f"times `{SCHEMA_FIELD}`", weight.introspections, limits.introspections_max),
    )
    for what, found, most in bounds:
        if found > most:
            raise Invalid(f"The operation has {found} {what}; at most {most} are allowed.")
