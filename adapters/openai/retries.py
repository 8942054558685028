"""The one retry policy: which failures of the endpoint pass, and how long to wait for that."""

from dataclasses import dataclass

import openai

from domain.errors import Invalid, LabError, LimitExceeded, Unavailable

_PASSING_STATUS = frozenset({408, 409, 425, 429})
_TOO_MANY_REQUESTS = 429
# An endpoint that wants to be left alone for longer than this has no place in a film's making.
_POSTPONED_SECONDS_MAX = 24 * 3600.0
_UNSUITED_STATUS = frozenset({400, 422})
_ANSWER_FORMAT = "response_format"
_REFUSED_CODES = frozenset({"content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"})
_TOO_LONG_CODE = "context_length_exceeded"


class PromptTooLong(Invalid):
    """The model's window does not hold what is asked."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most `attempts_max` calls; between them a pause of full jitter below a doubling ceiling (AWS, 2015).

    An endpoint that says how long to wait is believed up to `wait_seconds_max`.
    """

    attempts_max: int = 4
    first_seconds: float = 1.0
    wait_seconds_max: float = 60.0

    def pause_seconds(self, failed: int, error: openai.OpenAIError, *, chance: float) -> float | None:
        """Answer the pause after the nth failed call, None when it is given up; `chance` is between 0 and 1."""
        if failed >= self.attempts_max or not may_pass(error):
            return None
        asked = retry_after_seconds(error)
        ceiling = min(self.wait_seconds_max, self.first_seconds * 2 ** (failed - 1))
        jitter = chance * ceiling
        if asked is None:
            return jitter
        return None if asked > self.wait_seconds_max else asked + chance * min(1.0, ceiling)


def may_pass(error: openai.OpenAIError) -> bool:
    """Tell whether the same call may succeed later."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code in _PASSING_STATUS or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError | openai.APIResponseValidationError)


def retry_after_seconds(error: openai.OpenAIError) -> float | None:
    """Answer the delay in a Retry-After header of seconds; a date or nonsense is as good as none."""
    if not isinstance(error, openai.APIStatusError):
        return None
    header = error.response.headers.get("retry-after", "")
    return float(header) if header.replace(".", "", 1).isdecimal() else None


def may_be_of_format(error: openai.OpenAIError) -> bool:
    """Tell whether the endpoint may have refused the form of answer that was asked for, and not what it was asked.

    Few say so in a way that can be read ("Bad Request" is all that some have to say): everything counts that is not
    known to be something else.
    """
    if not isinstance(error, openai.APIStatusError) or error.status_code not in _UNSUITED_STATUS:
        return False
    is_known = str(error.code or "") in (_REFUSED_CODES | {_TOO_LONG_CODE})
    return not is_known and (not error.param or str(error.param).startswith(_ANSWER_FORMAT))


def translated(error: openai.OpenAIError) -> LabError:
    """Answer what a failure of the endpoint is to us."""
    if isinstance(error, openai.APIStatusError):
        return _of_status(error)
    if isinstance(error, openai.APITimeoutError):
        return Unavailable("The model endpoint did not answer in time.")
    if isinstance(error, openai.APIResponseValidationError):
        return Unavailable("The model endpoint answers what cannot be read.")
    return Unavailable("The model endpoint cannot be reached.")


def _of_status(error: openai.APIStatusError) -> LabError:
    code = str(error.code or "")
    if code in _REFUSED_CODES:
        return Invalid("The model refuses to work on this script.", field="script")
    if code == _TOO_LONG_CODE:
        return PromptTooLong("The script is too long for the model.", field="script")
    if error.status_code in (401, 403):
        return Unavailable("The model endpoint refuses our key.")
    if error.status_code == 404:
        return Unavailable("The model endpoint does not know the model.")
    wait = retry_after_seconds(error)
    if error.status_code == _TOO_MANY_REQUESTS and wait is not None and wait <= _POSTPONED_SECONDS_MAX:
        return LimitExceeded("The model endpoint takes no more calls for now.", retry_after_seconds=wait)
    return Unavailable(f"The model endpoint answers {error.status_code}.")
