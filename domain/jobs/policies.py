"""What a failure means for a job: a pure value, so that the same failure means the same everywhere."""

from dataclasses import dataclass
from enum import StrEnum

# A worker that was silent for as long is not counted on.
SEEN_SECONDS = 30.0


class FailureCode(StrEnum):
    """Kinds of failure as `domain.errors` names them, and INTERNAL for our own bugs."""

    INVALID = "INVALID"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


RETRIED_CODES = frozenset({FailureCode.RATE_LIMITED, FailureCode.UNAVAILABLE, FailureCode.INTERNAL})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed; `message` is for the operator, `retry_after_seconds` is the dependency's wish."""

    code: FailureCode
    message: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Which failures are tried again and when; `attempts` counts failures only, never crashes or graceful stops."""

    first_seconds: float = 5.0
    longest_seconds: float = 1800.0
    internal_attempts_max: int = 3

    def delay_seconds(self, failure: Failure, *, attempts: int, attempts_max: int, chance: float) -> float | None:
        """Answer how long to wait before the next attempt, or None to give up.

        `attempts` failed before this one; `chance` in 0..1 spreads the wait over the backoff (full jitter), so that
        jobs that failed together do not come back together. What a dependency asked for is never cut short.
        """
        if failure.code not in RETRIED_CODES or attempts + 1 >= attempts_max:
            return None
        if failure.code is FailureCode.INTERNAL and attempts + 1 >= self.internal_attempts_max:
            return None
        backoff = min(self.longest_seconds, self.first_seconds * 2.0 ** min(attempts, 30)) * chance
        return max(backoff, failure.retry_after_seconds or 0.0)
