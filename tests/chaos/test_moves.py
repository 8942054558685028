"""What the attack takes for a wrong move of a job, and what not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chaos.history import JOB_STREAM, History, Job, Told
from chaos.moves import (
    cancels_are_kept,
    ends_are_explained,
    every_move_is_legal,
    nothing_starts_after_a_cancel,
)
from chaos.tasks import REFUSED, STEPS
from chaos.workload import User
from client.studio import Studio
from client.transport import LabTransport
from domain.identifiers import WorkspaceId
from domain.jobs.models import CancelOutcome
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


A_USER = User(Studio(LabTransport("http://127.0.0.1:1")), WorkspaceId(UUID(int=1)), "", 1)


def told_of(job: Job, *names: str, user: User = A_USER) -> History:
    """A history of one job, of one user."""
    told = [Told(JOB_STREAM, job.id, number, "w", "", name, {}, NOON) for number, name in enumerate(names, 1)]
    return History([user], [], [], {}, {}, [], NOON, {job.id: job}, told, {}, [], {})


@pytest.mark.parametrize(
    ("outcome", "state", "last", "count"),
    [
        (CancelOutcome.CANCELED, "canceled", "JobCanceled", 0),
        (CancelOutcome.CANCELED, "succeeded", "JobSucceeded", 1),
        (CancelOutcome.CANCELLATION_REQUESTED, "succeeded", "JobSucceeded", 1),
        (CancelOutcome.CANCELLATION_REQUESTED, "succeeded", "JobCancelRequested", 0),
        (CancelOutcome.ALREADY_FINISHED, "succeeded", "JobSucceeded", 0),
    ],
)
def test_a_cancel_that_was_said_and_not_done_is_seen(outcome: CancelOutcome, state: str, last: str, count: int) -> None:
    user = replace(A_USER, canceled={"job": outcome})
    history = told_of(replace(JOB, state=state), "JobQueued", last, user=user)
    assert len(cancels_are_kept(history)) == count


@pytest.mark.parametrize(
    ("job", "count"),
    [
        (replace(JOB, kind=STEPS, state="succeeded"), 0),
        (replace(JOB, kind=STEPS, state="failed", attempts=1), 1),
        (replace(JOB, kind=STEPS, state="failed", attempts=5), 0),
        (replace(JOB, kind=REFUSED, state="failed", attempts=1), 0),
        (replace(JOB, kind=STEPS, state="dead", lost=1), 1),
        (replace(JOB, kind=STEPS, state="dead", lost=3), 0),
        (replace(JOB, kind=STEPS, state="dead", error_code="SET_ASIDE"), 0),
        (replace(JOB, kind=STEPS, state="canceled"), 1),
        (replace(JOB, kind=STEPS, state="aborted"), 1),
    ],
)
def test_an_end_that_nothing_explains_is_seen(job: Job, count: int) -> None:
    assert len(ends_are_explained(told_of(job, "JobQueued", "JobStarted"))) == count


@pytest.mark.parametrize(("state", "count"), [("succeeded", 0), ("failed", 1), ("running", 1)])
def test_a_row_that_is_not_what_its_last_event_says_is_seen(state: str, count: int) -> None:
    history = told_of(replace(JOB, state=state), "JobQueued", "JobStarted", "JobSucceeded")
    assert len(every_move_is_legal(history)) == count
