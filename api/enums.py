"""Enums of the domain in the schema: the values stay the domain's own, the words for clients are added here."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

E = TypeVar("E", bound=Enum)


def describe_enum(kind: type[E], description: str, values: Mapping[E, str]) -> None:
    """Make a domain enum an enum of the schema, under its own name, each value with its description.

    Fields and arguments are annotated with the domain's enum itself. Raises TypeError when a value has no words.
    """
    missing = [member.name for member in kind if member not in values]
    if missing:
        raise TypeError(f"{kind.__name__}: no description for {', '.join(missing)}")
    strawberry.enum(kind, description=description)
    definition: object = getattr(kind, "__strawberry_definition__", None)
    if not isinstance(definition, StrawberryEnumDefinition):
        raise TypeError(f"{kind.__name__} is no enum of the schema")
    for value in definition.values:
        value.description = values[kind[value.name]]
