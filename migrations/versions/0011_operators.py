"""Operators: who they are, their moves as functions of the jobs' role, and a note of every one that was made."""

from importlib import import_module
from pathlib import Path

from alembic import op

from migrations.statements import definition_of, run_definitions, run_file

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SYSTEM_FUNCTIONS = (
    "job_requeue(text, text, uuid)",
    "job_set_aside(text, text, uuid)",
    "queue_pause(text, text, text)",
    "queue_resume(text, text, text)",
    "worker_set_state(text, text, text, text)",
    "operator_grant(text, text, text)",
    "operator_revoke(text, text, text)",
)
INNER_FUNCTIONS = ("operator_note(text, text, text, text, jsonb)", "job_snapshot(jobs)")
LANES = Path(__file__).with_name("0007_lanes_functions.sql")
FINAL_EVENTS = "'JobSucceeded', 'JobFailed', 'JobCanceled', 'JobAborted', 'JobDied'"


def upgrade() -> None:
    run_file(Path(__file__).with_suffix(".sql"))
    run_definitions(Path(__file__).with_name("0011_operators_functions.sql"))
    for signature in (*SYSTEM_FUNCTIONS, *INNER_FUNCTIONS):
        op.execute(f"revoke execute on function {signature} from public")
    for signature in SYSTEM_FUNCTIONS:
        op.execute(f"grant execute on function {signature} to lab_system")


def downgrade() -> None:
    first = import_module("migrations.versions.0002_jobs")
    for signature in (*SYSTEM_FUNCTIONS, *INNER_FUNCTIONS):
        op.execute(f"drop function {signature}")
    feed_order = import_module("migrations.versions.0009_feed_order")
    bury = first.BURY.replace("create function", "create or replace function", 1)
    for definition in (feed_order.TELL, bury, definition_of(LANES, "job_account")):
        op.get_bind().exec_driver_sql(definition)
    op.execute("alter function job_bury(uuid) security definer set search_path = public, pg_temp")
    # Of a job that was taken up again, the last end stays.
    op.execute(
        f"delete from events e using jobs j where e.stream_kind = 'job' and e.stream_id = j.id and e.name in ({FINAL_EVENTS})"
        " and coalesce((e.data ->> 'requeues')\\:\\:int, 0) < j.requeues"
    )
    op.execute("drop index uq_events_final")
    op.execute(
        "create unique index uq_events_final on events (stream_id)"
        f" where stream_kind = 'job' and name in ({FINAL_EVENTS})"
    )
    op.execute("alter table jobs drop column requeues, drop column settled_deliveries, drop column aside_reason")
    op.execute("drop table operators, operator_actions")
