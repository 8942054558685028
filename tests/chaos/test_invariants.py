"""What the attack takes for two owners at once, and what not."""

from datetime import UTC, datetime

import pytest

from chaos.history import STEPS_STREAM, History, Told
from chaos.invariants import owners_do_not_overlap
from chaos.record import Deed

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def history(*epochs: int) -> History:
    """A job whose steps were committed under these claims, in this order; the feed tells the last one first."""
    told = [
        Told(STEPS_STREAM, "job", number, "w", "", "StepDone", {"step": number, "epoch": epoch}, NOON)
        for number, epoch in enumerate(epochs, 1)
    ]
    # A process that was paused between its commit and its note writes it down long after its successor.
    deeds: list[Deed] = [
        {"what": "step_committed", "job": "job", "epoch": epoch} for epoch in sorted(epochs, reverse=True)
    ]
    return History([], [], deeds, {}, {}, [], NOON, {}, told[::-1], {}, [], {})


@pytest.mark.parametrize(("epochs", "count"), [((1, 1, 2, 2), 0), ((1, 2, 1), 1), ((2, 3, 1, 1), 2)])
def test_a_claim_commits_no_step_after_its_successor_has(epochs: tuple[int, ...], count: int) -> None:
    assert len(owners_do_not_overlap(history(*epochs))) == count
