"""Scalars of our own, each described; there is no Upload: bytes go straight to object storage."""

from datetime import datetime
from typing import NewType
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from domain.events import Json as JsonValue

Json = NewType("Json", object)
BigInt = NewType("BigInt", int)
WHOLE_MAX = 2**53 - 1


def _same(value: JsonValue) -> JsonValue:
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > WHOLE_MAX:
        raise GraphQLError("BigInt is a whole number of up to 53 bits.")
    return value


def _uuid(value: object) -> UUID:
    try:
        return UUID(value if isinstance(value, str) else "")
    except ValueError:
        raise GraphQLError("UUID is a string of 36 characters.") from None


def _moment(value: object) -> datetime:
    refusal = GraphQLError("DateTime is a string such as 2026-01-31T12:00:00Z, with its zone.")
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise refusal from None
    if moment.tzinfo is None:
        raise refusal
    return moment


SCALARS: dict[object, ScalarDefinition] = {
    Json: strawberry.scalar(name="JSON", description="Any JSON value.", serialize=_same, parse_value=_same),
    BigInt: strawberry.scalar(
        name="BigInt", description="A whole number of up to 53 bits.", serialize=int, parse_value=_whole
    ),
    UUID: strawberry.scalar(
        name="UUID", description="A UUID in its usual form of 36 characters.", serialize=str, parse_value=_uuid
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment as RFC 3339 writes it, with its zone.",
        serialize=datetime.isoformat,
        parse_value=_moment,
    ),
}
