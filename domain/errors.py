"""The seven kinds of failure that the business knows; anything else is our bug.

    LabError
    ├── Invalid            the request itself is wrong
    ├── Unauthenticated    we do not know who asks
    ├── Forbidden          we know, and no
    ├── NotFound           absent, or not yours to know
    ├── Conflict           the state does not allow it
    ├── LimitExceeded      too much; carries retry_after_seconds
    └── Unavailable        a dependency failed

`docs/errors.md` maps each kind to its GraphQL code, its HTTP status and what a job does about it.
"""

from typing import ClassVar


class LabError(Exception):
    """A failure that has a name; its message may be shown to whoever asked."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Invalid(LabError):
    """The request itself is wrong; `field` names the argument where one is to blame."""

    code = "INVALID"


class Unauthenticated(LabError):
    """We do not know who asks."""

    code = "UNAUTHENTICATED"


class Forbidden(LabError):
    """We know who asks, and the answer is no."""

    code = "FORBIDDEN"


class NotFound(LabError):
    """Absent, or not yours to know."""

    code = "NOT_FOUND"


class Conflict(LabError):
    """The state does not allow it."""

    code = "CONFLICT"


class LimitExceeded(LabError):
    """Too much, too often or too large; `retry_after_seconds` says when to come back, where that helps."""

    code = "RATE_LIMITED"

    def __init__(self, message: str, *, retry_after_seconds: float | None = None, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(LabError):
    """A dependency failed; the same request may succeed later."""

    code = "UNAVAILABLE"
