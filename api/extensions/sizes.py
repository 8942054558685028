"""How long a list is before it is read, as far as its arguments, their variables and the schema's authors tell."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from graphql import (
    FieldNode,
    GraphQLField,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
)

from domain.paging import PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX

LIST_ITEMS_ASSUMED = 5
# By type and field: lists that are usually longer. What they hold at most is far more of some, a thousand shots; how
# much an operation is given of them in fact, however often it asks, is bounded where they are loaded (api/context.py).
LIST_ITEMS: Mapping[tuple[str, str], int] = {
    ("AdapterVersion", "curve"): 20,
    ("Character", "images"): 10,
    ("CharacterConsistency", "shots"): 30,
    ("JobDetails", "audit"): 20,
    ("JobDetails", "events"): 100,
    ("JobsRequeued", "refused"): 100,
    ("Query", "workers"): 100,
    ("Quote", "shots"): 30,
    ("ReferenceImagesAdded", "images"): 10,
    ("Render", "shots"): 30,
    ("Storyboard", "shots"): 30,
    ("Storyboard", "versions"): 20,
    ("UploadsCreated", "uploads"): 10,
}
PAGE_ARGUMENTS = frozenset({"first", "last"})
IDS_ARGUMENT = "ids"


@dataclass
class Sizes:
    """What the arguments of one document say of its lists; `reads_variables` tells whether a variable did.

    `defaults` are those of the document's variables, by name: what counts where a request leaves one out.
    """

    variables: Mapping[str, object]
    defaults: Mapping[str, int]
    reads_variables: bool = False

    @classmethod
    def read(cls, operations: Iterable[OperationDefinitionNode], variables: Mapping[str, object]) -> "Sizes":
        """Read a document's defaults; of a variable that several operations have the largest one."""
        defaults: dict[str, int] = {}
        for declared in chain.from_iterable(each.variable_definitions or () for each in operations):
            name = declared.variable.name.value
            defaults[name] = max(defaults.get(name, 0), amount_of(written(declared.default_value)) or 0)
        return cls(variables, {name: amount for name, amount in defaults.items() if amount})

    def of(self, node: FieldNode, definition: GraphQLField) -> int:
        """How many items a list has by its own arguments; 0 where they do not say."""
        if IDS_ARGUMENT in definition.args:
            return max((self._asked(each, 1) for each in values_of(node, {IDS_ARGUMENT})), default=1)
        return self.page_of(node, definition)

    def page_of(self, node: FieldNode, definition: GraphQLField) -> int:
        """How many items the page has that a field is asked for; 0 where it has no pages."""
        if not PAGE_ARGUMENTS & definition.args.keys():
            return 0
        asked = (self._asked(each, PAGE_ITEMS_DEFAULT) for each in values_of(node, PAGE_ARGUMENTS))
        return max(asked, default=PAGE_ITEMS_DEFAULT)

    def _asked(self, value: ValueNode, otherwise: int) -> int:
        amount = self._variable(value.name.value) if isinstance(value, VariableNode) else amount_of(written(value))
        return min(max(otherwise if amount is None else amount, 1), PAGE_ITEMS_MAX)

    def _variable(self, name: str) -> int | None:
        self.reads_variables = True
        return amount_of(self.variables[name]) if name in self.variables else self.defaults.get(name)


def values_of(node: FieldNode, names: Container[str]) -> list[ValueNode]:
    """The values of a field's arguments of these names, as they are written."""
    return [argument.value for argument in node.arguments or () if argument.name.value in names]


def written(value: ValueNode | None) -> object:
    """What a literal says of an amount: a number as far as it matters, a list, or None."""
    if isinstance(value, IntValueNode):
        # It may have thousands of digits; with ten it is beyond every bound.
        return int(value.value[:10])
    return value.values if isinstance(value, ListValueNode) else None


def amount_of(value: object) -> int | None:
    """The number that a value is, as whole as GraphQL takes it, or the length of a list; None for what is neither."""
    if isinstance(value, int | float):
        return int(value)
    return len(value) if isinstance(value, list | tuple) else None
