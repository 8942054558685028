"""What the attack takes for a start after a cancel, and what not."""

from datetime import UTC, datetime, timedelta

import pytest

from chaos.history import JOB_STREAM, History, Job, Told
from chaos.moves import nothing_starts_after_a_cancel
from domain.renders.use_cases.deciding import CANCEL_REASON

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
JOB = Job("job", "w", "k", "cpu", "canceled", 1, None, 0, 5, 0, 3, "", "render", NOON, None, None)


def history(*events: tuple[str, str, int, str]) -> History:
    """Of these events, a second apart: stream, name, number, reason."""
    told = [
        Told(JOB_STREAM, stream, number, "w", "", name, {"reason": reason}, NOON + timedelta(seconds=place))
        for place, (stream, name, number, reason) in enumerate(events)
    ]
    return History([], [], [], {}, {}, [], NOON, {"job": JOB}, told, {}, [], {})


@pytest.mark.parametrize(
    ("events", "count"),
    [
        ([("job", "JobStarted", 2, ""), ("render", "RenderCanceled", 3, "")], 0),
        ([("render", "RenderCanceled", 3, ""), ("job", "JobStarted", 2, "")], 1),
        (
            [
                ("render", "RenderCanceled", 3, ""),
                ("job", "JobStarted", 2, ""),
                ("job", "JobCancelRequested", 3, CANCEL_REASON),
            ],
            0,
        ),
        (
            [
                ("render", "RenderCanceled", 3, ""),
                ("job", "JobCanceled", 2, CANCEL_REASON),
                ("job", "JobStarted", 3, ""),
            ],
            1,
        ),
        (
            [("render", "RenderCanceled", 3, ""), ("job", "JobStarted", 2, ""), ("job", "JobCancelRequested", 3, "me")],
            1,
        ),
    ],
)
def test_a_start_after_the_cancel_of_its_render_is_seen(events: list[tuple[str, str, int, str]], count: int) -> None:
    assert len(nothing_starts_after_a_cancel(history(*events))) == count
