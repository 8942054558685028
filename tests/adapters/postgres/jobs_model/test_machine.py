"""The engine's SQL does what the model says, whatever is called in whatever order."""

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.adapters.postgres.jobs_model.engine import Engine
from tests.adapters.postgres.jobs_model.machine import machine_on

# `make model EXAMPLES=2000` looks at new sequences each time; `make test` at the same few.
EXAMPLES = os.environ.get("MODEL_EXAMPLES")


def test_the_engine_and_the_model_agree_after_every_call(engine: Engine) -> None:
    run_state_machine_as_test(
        machine_on(engine),
        settings=settings(
            max_examples=int(EXAMPLES or 40),
            derandomize=EXAMPLES is None,
            stateful_step_count=50,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
