"""What an exception means for a job."""

from domain.errors import LabError, LimitExceeded
from domain.jobs.policies import Failure, FailureCode

HIDDEN = "Something went wrong in the lab; the log has it."

# What a worker is answered over HTTP; `docs/errors.md` has the table.
HTTP_STATUSES = {
    "INVALID": 422,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "RATE_LIMITED": 429,
    "UNAVAILABLE": 503,
}


def http_status(error: LabError) -> int:
    return HTTP_STATUSES.get(error.code, 500)


def to_failure(error: Exception) -> Failure:
    """Name the failure; what is not one of the lab's own errors is our bug, and its text stays in the log."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if not isinstance(error, LabError) or error.code not in FailureCode.__members__:
        return Failure(FailureCode.INTERNAL, HIDDEN)
    retry_after = error.retry_after_seconds if isinstance(error, LimitExceeded) else None
    return Failure(FailureCode(error.code), error.message, retry_after)
