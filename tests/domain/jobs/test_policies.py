"""What a failure means for a job."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.policies import RETRIED_CODES, Failure, FailureCode, RetryPolicy

POLICY = RetryPolicy()


def delay(
    code: FailureCode, *, attempts: int = 0, chance: float = 1.0, retry_after: float | None = None
) -> float | None:
    failure = Failure(code, "It failed.", retry_after)
    return POLICY.delay_seconds(failure, attempts=attempts, attempts_max=5, chance=chance)


@pytest.mark.parametrize("code", ["INVALID", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "CONFLICT"])
def test_a_refusal_is_not_tried_again(code: str) -> None:
    assert delay(FailureCode(code)) is None


def test_a_dependency_that_is_away_is_tried_again_with_a_growing_pause() -> None:
    assert [delay(FailureCode.UNAVAILABLE, attempts=n) for n in range(5)] == [5, 10, 20, 40, None]


def test_the_pause_never_exceeds_half_an_hour() -> None:
    failure = Failure(FailureCode.UNAVAILABLE, "It is away.")
    assert POLICY.delay_seconds(failure, attempts=40, attempts_max=100, chance=1.0) == 1800


def test_a_bug_of_ours_is_tried_three_times() -> None:
    assert [delay(FailureCode.INTERNAL, attempts=n) is None for n in range(3)] == [False, False, True]


def test_what_a_dependency_asked_for_is_waited_out() -> None:
    assert delay(FailureCode.RATE_LIMITED, chance=0.0, retry_after=90) == 90


@given(attempts=st.integers(0, 3), chance=st.floats(0, 1))
def test_the_pause_lies_anywhere_between_nothing_and_the_backoff(attempts: int, chance: float) -> None:
    waited = delay(FailureCode.UNAVAILABLE, attempts=attempts, chance=chance)
    assert waited is not None
    assert 0 <= waited <= 5 * 2**attempts


@given(
    code=st.sampled_from(FailureCode),
    attempts=st.integers(0, 10_000),
    attempts_max=st.integers(1, 10_000),
    chance=st.floats(0, 1),
    retry_after=st.none() | st.floats(0, 86_400),
)
def test_a_retry_is_for_what_may_pass_and_only_while_attempts_are_left(
    code: FailureCode, attempts: int, attempts_max: int, chance: float, retry_after: float | None
) -> None:
    failure = Failure(code, "It failed.", retry_after)
    waited = POLICY.delay_seconds(failure, attempts=attempts, attempts_max=attempts_max, chance=chance)
    allowed = min(attempts_max, POLICY.internal_attempts_max) if code is FailureCode.INTERNAL else attempts_max
    assert (waited is not None) is (code in RETRIED_CODES and attempts + 1 < allowed)
    if waited is not None:
        assert (retry_after or 0.0) <= waited <= max(POLICY.longest_seconds, retry_after or 0.0)


@given(attempts=st.integers(0, 98), chances=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_chance_spreads_the_pause_evenly_over_the_whole_backoff(attempts: int, chances: tuple[float, float]) -> None:
    failure = Failure(FailureCode.UNAVAILABLE, "It is away.")
    low, high, whole = (
        POLICY.delay_seconds(failure, attempts=attempts, attempts_max=100, chance=chance)
        for chance in (*sorted(chances), 1.0)
    )
    assert low is not None
    assert high is not None
    assert whole is not None
    assert whole == min(1800.0, 5.0 * 2.0**attempts)
    assert (low, high) == (whole * min(chances), whole * max(chances))
