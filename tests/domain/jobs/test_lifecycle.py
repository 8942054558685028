"""The state machine of a job as a table: every state by every move."""

from pathlib import Path

import pytest

from domain.jobs.errors import MoveNotAllowed
from domain.jobs.lifecycle import NEXT_STATES, Move, next_state
from domain.jobs.models import JobState
from domain.jobs.operations import RETRIED_STATES

TABLE = """
            unblock  dispatch    return  claim    take     finish     retry   give_up  lose    set_aside  release  cancel    stop      abort    put_aside  requeue
blocked     queued   -           -       -        -        -          -       -        -       -          -        canceled  -         aborted  dead       -
queued      -        dispatched  -       -        running  -          -       -        -       -          -        canceled  -         aborted  dead       -
dispatched  -        -           queued  running  running  -          -       -        -       -          -        canceled  -         aborted  dead       -
running     -        -           -       -        -        succeeded  queued  failed   queued  dead       queued   running   canceled  -        dead       -
succeeded   -        -           -       -        -        -          -       -        -       -          -        -         -         -        -          -
failed      -        -           -       -        -        -          -       -        -       -          -        -         -         -        -          queued
canceled    -        -           -       -        -        -          -       -        -       -          -        -         -         -        -          -
aborted     -        -           -       -        -        -          -       -        -       -          -        -         -         -        -          queued
dead        -        -           -       -        -        -          -       -        -       -          -        -         -         -        -          queued
"""  # noqa: E501 - a table is read as one
MOVES = [Move("return_delivery" if name == "return" else name) for name in TABLE.split("\n")[1].split()]
CASES = [
    (JobState(line.split()[0]), move, expected)
    for line in TABLE.strip().split("\n")[1:]
    for move, expected in zip(MOVES, line.split()[1:], strict=True)
]


def test_the_table_has_every_state_and_every_move() -> None:
    assert {state for state, _, _ in CASES} == set(JobState)
    assert set(MOVES) == set(Move)


@pytest.mark.parametrize(("state", "move", "expected"), CASES)
def test_a_state_allows_a_move_or_refuses_it(state: JobState, move: Move, expected: str) -> None:
    if expected == "-":
        with pytest.raises(MoveNotAllowed):
            next_state(state, move)
    else:
        assert next_state(state, move) is JobState(expected)


def test_a_final_state_is_left_by_an_operator_alone() -> None:
    left = {(state, move) for state, move, expected in CASES if expected != "-" and state.is_final}
    assert left == {(state, Move.REQUEUE) for state in RETRIED_STATES}


def test_the_document_shows_the_whole_table() -> None:
    document = (Path(__file__).parents[3] / "docs" / "lifecycles.md").read_text(encoding="utf-8")
    rows = [[str(NEXT_STATES.get((state, move), "-")) for move in Move] for state in JobState]
    lines = [f"| {state} | {' | '.join(row)} |" for state, row in zip(JobState, rows, strict=True)]
    heading = " | ".join(move.replace("_", " ") for move in Move)
    assert "\n".join([f"| | {heading} |", "| --- " * (len(Move) + 1) + "|", *lines]) in document
