"""Every order in which the statements of two transactions, and of a third that holds a row, can meet."""

import pytest

from tests.adapters.postgres.jobs_model.engine import Engine
from tests.adapters.postgres.jobs_model.invariants import VIOLATIONS, WINDOW_EXCEEDED
from tests.adapters.postgres.jobs_model.meetings import MEETINGS, Meeting, Outcome
from tests.adapters.postgres.jobs_model.stage import Stage, orders


def outcomes(engine: Engine, meeting: Meeting) -> set[Outcome]:
    """Play all orders; raises AssertionError when an invariant does not hold after one."""
    seen: set[Outcome] = set()
    for order in orders(meeting.actors):
        engine.empty()
        meeting.scene(engine)
        answers = engine.run(Stage(engine, meeting.actors).play(order))
        assert all(answer == 1 for answer in answers[2:]), "the third session holds its row"
        assert engine.rows(VIOLATIONS) == [], order
        assert engine.rows(WINDOW_EXCEEDED) == [], order
        look = engine.value(meeting.look)
        seen.add((*answers[:2], *(look if isinstance(look, list) else [look])))
    return seen


@pytest.mark.parametrize("meeting", MEETINGS, ids=lambda meeting: meeting.name)
def test_whatever_the_order_the_outcome_is_one_of_those_allowed(engine: Engine, meeting: Meeting) -> None:
    assert outcomes(engine, meeting) == meeting.allowed
