"""An operation that may run, and what is sent back for it, written down once however often it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from graphql import GraphQLError, OperationType

from api.context import Context
from api.errors import visible
from api.extensions.documents import Prepared
from api.extensions.weight import Weight
from api.transport.asked import Asked
from api.transport.json import encode_json

Body = dict[str, object]


class NotRunnable(Exception):
    """The request itself is wrong; nothing was executed."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = list(errors)


@dataclass(frozen=True, slots=True)
class Ready:
    """An operation that may run, once."""

    asked: Asked
    prepared: Prepared
    context: Context
    kind: OperationType
    weight: Weight

    def errors(self, errors: Sequence[GraphQLError]) -> Body:
        """What the client may see of what went wrong."""
        return {"errors": visible(errors, request_id=self.context.request_id)}

    def body(self, data: object, errors: Sequence[GraphQLError] | None) -> Body:
        body: Body = {"data": data}
        return {**body, **self.errors(errors)} if errors else body


@dataclass(frozen=True)
class Answered:
    """What is sent back; `is_request_error` when nothing was executed, `is_late` when the deadline cut it short.

    `cursor` is where a subscription stands once its client has this.
    """

    body: Body
    is_request_error: bool = False
    is_late: bool = False
    cursor: str | None = None

    @cached_property
    def encoded(self) -> bytes:
        """The body as JSON; many subscribers may be sent the same answer."""
        return encode_json(self.body)
