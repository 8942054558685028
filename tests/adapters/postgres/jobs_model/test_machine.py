"""The engine's SQL does what the model says, whatever is called in whatever order."""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from domain.jobs.lifecycle import NEXT_STATES, Move
from domain.jobs.models import JobState
from tests.adapters.postgres.jobs_model.engine import Engine
from tests.adapters.postgres.jobs_model.machine import JobMachine, Operated, machine_on

# `make model EXAMPLES=2000` looks at new sequences each time, for as long as that takes; `make test` at the same few.
EXAMPLES = os.environ.get("MODEL_EXAMPLES")
pytestmark = [pytest.mark.timeout(0)] if EXAMPLES else []


def run(machine: type[JobMachine], *, examples: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=int(EXAMPLES or examples),
            derandomize=EXAMPLES is None,
            stateful_step_count=50,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )


def test_the_engine_and_the_model_agree_after_every_call(engine: Engine) -> None:
    made = Counter[tuple[JobState, Move]]()
    run(machine_on(engine, made), examples=60)
    run(machine_on(engine, made, kind=Operated), examples=40)
    assert set(made) == set(NEXT_STATES), "every move of the table was made"
