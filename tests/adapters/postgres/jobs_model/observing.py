"""The engine's tables and the model, brought to the same shape so that they can be compared."""

from typing import Any
from uuid import UUID

from domain.jobs.models import JobState
from tests.adapters.postgres.jobs_model.engine import Engine
from tests.adapters.postgres.jobs_model.model import Model, ModelJob

JOBS = """
select id, state, waiting_on, delivery, dispatched_at, epoch, claim_id, worker_id, started_at, lease_until, deadline_at,
       attempts, lost, cancel_requested_at is not null, worked_seconds, run_at, created_at,
       array(select name from events where stream_kind = 'job' and stream_id = jobs.id order by number)
from jobs order by id
"""
SHARES = "select workspace_id, virtual_time from workspace_shares"
FLOOR = "select virtual_time from queue_controls where queue = 'cpu'"
STEPS = "select workspace_id, digest, (result ->> 'epoch')::int from step_results"
COLUMNS: list[str] = [
    "state",
    "waiting_on",
    "delivery",
    "dispatched_at",
    "epoch",
    "claim_id",
    "worker_id",
    "started_at",
    "lease_until",
    "deadline_at",
    "attempts",
    "lost",
    "is_cancel_requested",
    "worked_seconds",
    "run_at",
    "created_at",
    "events",
]


def seen_jobs(engine: Engine) -> dict[UUID, dict[str, Any]]:
    rows = {row[0]: dict(zip(COLUMNS, row[1:], strict=True)) for row in engine.rows(JOBS)}
    for row in rows.values():
        # A job that ended while it waited keeps the number that it waited on.
        row["waiting_on"] = row["waiting_on"] if row["state"] == JobState.BLOCKED else 0
    return rows


def expected_job(job: ModelJob) -> dict[str, Any]:
    expected = {name: getattr(job, name) for name in COLUMNS if name not in ("state", "waiting_on")}
    waiting_on = len(job.open_waits) if job.state is JobState.BLOCKED else 0
    return expected | {"state": str(job.state), "waiting_on": waiting_on}


def assert_equal(engine: Engine, model: Model) -> None:
    seen = seen_jobs(engine)
    assert seen == {job_id: expected_job(job) for job_id, job in model.jobs.items()}
    assert {(space, digest): epoch for space, digest, epoch in engine.rows(STEPS)} == model.steps
    assert dict(engine.rows(SHARES)) == model.shares
    assert engine.value(FLOOR) == model.floor
