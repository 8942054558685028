"""Documents made ready once: parsed, weighed and validated, then kept by their text."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)
from graphql.validation.rules.max_introspection_depth_rule import MaxIntrospectionDepthRule
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.extensions.weight import Weight, check_weight, weigh
from api.limits import Limits
from api.schema import LabSchema
from domain.errors import Invalid

# Built once: graphql-core's own caches and ours are keyed by these classes.
RULES = (*specified_rules, MaxIntrospectionDepthRule, MaybeNullValidationRule, OneOfInputValidationRule)
ERRORS_MAX = 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that may run, and what its operations weigh; `is_fixed` when no variable changes that.

    `start_variable` says where a subscription begins and nothing else: no answer depends on it.
    """

    document: DocumentNode
    start_variable: str | None
    operations: Mapping[str, OperationType]
    weights: Mapping[str, Weight]
    is_fixed: bool

    def choose(self, name: str | None) -> str:
        """Answer the key of the operation asked for; raise Invalid when there is none or the choice is open."""
        if not self.operations:
            raise Invalid("The document has no operation.", field="query")
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations))
        if name is None:
            raise Invalid("The document has several operations; say which by `operationName`.", field="operationName")
        if name not in self.operations:
            raise Invalid("The document has no operation of that name.", field="operationName")
        return name


class Documents:
    """Prepares documents for one schema and keeps them, within bounds; the least recently used goes first."""

    def __init__(self, schema: LabSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, Prepared | Sequence[GraphQLError]] = OrderedDict()
        self._kept_characters = 0

    def prepare(self, text: str) -> Prepared | Sequence[GraphQLError]:
        """Answer the document ready to run, or why it cannot."""
        if len(text) > self._limits.document_characters_max:
            # Not kept either: it would drive all others out.
            return [self._too_long()]
        if text in self._kept:
            self._kept.move_to_end(text)
            return self._kept[text]
        prepared = self._prepare(text)
        self._kept[text] = prepared
        self._kept_characters += len(text)
        while self._kept_characters > self._limits.document_cache_characters:
            self._kept_characters -= len(self._kept.popitem(last=False)[0])
        return prepared

    def weigh(self, prepared: Prepared, operation: str, variables: Mapping[str, object]) -> Weight:
        """Answer the operation's weight under these variables; raise Invalid when it is more than is allowed."""
        weights = prepared.weights
        if not prepared.is_fixed:
            weights, _ = weigh(prepared.document, self._schema.graphql, self._limits, variables)
        check_weight(weights[operation], self._limits)
        return weights[operation]

    def _too_long(self) -> GraphQLError:
        most = self._limits.document_characters_max
        refusal = Invalid(f"The document has more than {most} characters; long texts belong into variables.")
        return GraphQLError(refusal.message, original_error=refusal)

    def _prepare(self, text: str) -> Prepared | Sequence[GraphQLError]:
        schema = self._schema.graphql
        try:
            document = parse(text, max_tokens=self._limits.tokens_max)
            weights, reads_variables = weigh(document, schema, self._limits, {})
        except GraphQLError as error:
            return [error]
        except Invalid as refusal:
            return [GraphQLError(refusal.message, original_error=refusal)]
        if errors := validate(schema, document, RULES, max_errors=ERRORS_MAX):
            return errors
        return Prepared(document, start_variable_of(document), operations_of(document), weights, not reads_variables)


def operations_of(document: DocumentNode) -> dict[str, OperationType]:
    found = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    return {each.name.value if each.name else "": each.operation for each in found}


def start_variable_of(document: DocumentNode) -> str | None:
    """The variable that is the argument `after` of the only operation's root field, if it is used nowhere else."""
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if len(operations) != 1:
        return None
    fields = [each for each in operations[0].selection_set.selections if isinstance(each, FieldNode)]
    given = [argument.value for field in fields for argument in field.arguments or () if argument.name.value == "after"]
    names = [value.name.value for value in given if isinstance(value, VariableNode)]
    # Once where it is declared, once where it is used.
    return names[0] if len(names) == 1 and variables_in(document).count(names[0]) == 2 else None


def variables_in(document: DocumentNode) -> list[str]:
    """The names of all variables, each as often as it is written."""
    found: list[str] = []

    class Names(Visitor):
        def enter_variable(self, node: VariableNode, *_place: object) -> None:
            found.append(node.name.value)

    visit(document, Names())
    return found
