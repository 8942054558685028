"""Scalars of our own, each described; there is no Upload: bytes go straight to object storage."""

import re
from datetime import datetime
from typing import NewType
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from domain.events import Json as JsonValue

Json = NewType("Json", object)
BigInt = NewType("BigInt", int)
Seed = NewType("Seed", int)
WHOLE_MAX = 2**53 - 1
_DIGITS = re.compile(r"[0-9]{1,19}")


def _same(value: JsonValue) -> JsonValue:
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > WHOLE_MAX:
        raise GraphQLError("BigInt is a whole number of up to 53 bits.")
    return value


def _seed(value: object) -> int:
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > WHOLE_MAX:
        raise GraphQLError("Seed is a string of digits, such as Take.seed, or a whole number of up to 53 bits.")
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
    Seed: strawberry.scalar(
        name="Seed",
        description="A whole number from 0 below 2^63, as a string of digits; a number is taken as well where 53 bits "
        "hold it.",
        serialize=str,
        parse_value=_seed,
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
