"""What a client sees of a failure: refusals by name and code; of our bugs only an incident id."""

import math
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from secrets import token_hex
from typing import TypeVar

import structlog
from graphql import GraphQLError

from domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    LabError,
    LimitExceeded,
    NotFound,
    Unauthenticated,
    Unavailable,
)

T = TypeVar("T")
log = structlog.get_logger("api.errors")


@dataclass(frozen=True, slots=True)
class Answer:
    """How the API answers one kind of failure."""

    code: str
    status: int


# docs/errors.md is this table in words; a test holds the two together.
ANSWERS: Mapping[type[LabError], Answer] = {
    Invalid: Answer("INVALID", 422),
    Unauthenticated: Answer("UNAUTHENTICATED", 401),
    Forbidden: Answer("FORBIDDEN", 403),
    NotFound: Answer("NOT_FOUND", 404),
    Conflict: Answer("CONFLICT", 409),
    LimitExceeded: Answer("RATE_LIMITED", 429),
    Unavailable: Answer("UNAVAILABLE", 503),
}
INTERNAL = Answer("INTERNAL", 500)


def answer_to(error: BaseException) -> Answer:
    """The answer to the nearest kind that the error is; our bugs are INTERNAL."""
    return next((ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS), INTERNAL)


async def carried(source: AsyncGenerator[T]) -> AsyncGenerator[T | GraphQLError]:
    """Yield what a subscription's source yields; what it raises comes last, as graphql-core carries an error."""
    async with aclosing(source):
        try:
            async for event in source:
                yield event
        except Exception as error:  # noqa: BLE001 - graphql-core leaves to its caller what a source raises
            yield GraphQLError(str(error), original_error=error)


def visible(errors: Iterable[GraphQLError], *, request_id: str = "") -> list[dict[str, object]]:
    """What may leave the house of these errors; each of our bugs is logged under the incident id that is shown."""
    return [_visible(error, request_id) for error in errors]


def _visible(error: GraphQLError, request_id: str) -> dict[str, object]:
    cause = _cause(error)
    if cause is None:
        return _shown(error, error.message, {"code": "INVALID"})
    if isinstance(cause, LabError):
        return _shown(error, cause.message, extensions_of(cause))
    incident = report(cause, request_id=request_id, path=error.path)
    return _shown(error, hidden_message(incident), {"code": INTERNAL.code, "incident": incident})


def extensions_of(refusal: LabError) -> dict[str, object]:
    """The machine-readable part of a refusal."""
    found: dict[str, object] = {"code": answer_to(refusal).code}
    if refusal.field is not None:
        found["field"] = refusal.field
    if isinstance(refusal, LimitExceeded) and refusal.retry_after_seconds is not None:
        # Rounded up: a client that waits that long must not be early.
        found["retryAfterSeconds"] = math.ceil(refusal.retry_after_seconds)
    return found


def report(bug: BaseException, *, request_id: str, path: object = None) -> str:
    """Log one of our bugs with its traceback; answer the incident id that finds it in the log."""
    incident = token_hex(6)
    log.error("incident", incident=incident, request_id=request_id, path=path, exc_info=bug)
    return incident


def hidden_message(incident: str) -> str:
    return f"Something went wrong on our side. It is logged as incident {incident}."


def _cause(error: GraphQLError) -> BaseException | None:
    """What lies behind an error; None when the request itself is at fault.

    graphql-core raises GraphQLError itself for a document or a variable that does not fit, and those have no path, and
    for an argument, and those name nodes; any other comes from a result that does not fit the schema, which is our bug.
    """
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, GraphQLError):
        return None if cause.nodes or error.path is None else cause
    return cause


def _shown(error: GraphQLError, message: str, extensions: dict[str, object]) -> dict[str, object]:
    shown: dict[str, object] = {"message": message}
    if error.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        shown["path"] = list(error.path)
    return {**shown, "extensions": extensions}
