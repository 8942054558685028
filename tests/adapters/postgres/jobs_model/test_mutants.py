"""The attack can see: with a guard taken out, the machine or the meetings find what goes wrong."""

import pytest
from asyncpg import PostgresError
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.adapters.postgres.jobs_model.engine import Engine
from tests.adapters.postgres.jobs_model.machine import machine_on
from tests.adapters.postgres.jobs_model.meetings import MEETINGS, Meeting
from tests.adapters.postgres.jobs_model.mutants import SEEN_BY_CALLS, SEEN_BY_MEETINGS, Mutant, mutated
from tests.adapters.postgres.jobs_model.test_interleavings import outcomes

SEEN_WITHIN = settings(
    max_examples=200,
    derandomize=True,
    stateful_step_count=50,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("mutant", SEEN_BY_CALLS, ids=lambda mutant: mutant.name)
def test_random_calls_find_the_mutant(engine: Engine, mutant: Mutant) -> None:
    with mutated(engine, mutant), pytest.raises((AssertionError, PostgresError)):
        run_state_machine_as_test(machine_on(engine), settings=SEEN_WITHIN)


@pytest.mark.parametrize(("name", "mutant"), SEEN_BY_MEETINGS, ids=lambda value: getattr(value, "name", ""))
def test_a_meeting_finds_the_mutant(engine: Engine, name: str, mutant: Mutant) -> None:
    meeting = next(each for each in MEETINGS if each.name == name)
    with mutated(engine, mutant):
        assert not is_withstood(engine, meeting)


def is_withstood(engine: Engine, meeting: Meeting) -> bool:
    try:
        return outcomes(engine, meeting) == meeting.allowed
    except AssertionError:
        return False
