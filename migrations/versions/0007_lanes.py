"""Lanes: the pick looks at those whose turn it is, and never through the backlog.

Jobs say what they need and workers what they know, so that old and new versions run side by side; jobs that are not due, or
that nobody here can do, are in no index that the pick reads. A job that was lost twice runs alone; warm workers are preferred.
"""

from importlib import import_module
from pathlib import Path

from alembic import op

from migrations.statements import run_definitions, run_file

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INNER_FUNCTIONS = (
    "job_prepare()",
    "job_arrive()",
    "pick_due(text, int)",
    "pick_take_notes(text, int)",
    "pick_lanes(text, text[], int)",
    "pick_clear(text, uuid[], text[])",
    "pick_fair(text, uuid[], text[], text[], int)",
    "claim_warm(jobs, text, text[])",
    "worker_knows(text[], int)",
)
FIRST_SEE_WORKER = "worker_see(text, text, text[], int, int, text)"
SEE_WORKER = "worker_see(text, text, text[], int, int, text, text[])"
# Statistics are stale whenever a backlog has just come or gone: these find their rows by index, always.
BY_INDEX = (
    "job_pick(text, int, float8, int)",
    "job_claim(uuid, text, text, text[], int, float8, uuid, bigint)",
    "job_reap(int)",
    "job_doomed(int)",
    "job_return_deliveries(float8, int)",
)


def upgrade() -> None:
    op.execute(f"drop function {FIRST_SEE_WORKER}")
    run_file(Path(__file__).with_suffix(".sql"))
    run_definitions(Path(__file__).with_name("0007_lanes_functions.sql"))
    for name in ("job_lanes", "pick_notes"):
        op.execute(f"revoke all on {name} from lab_app")
        op.execute(f"revoke insert, update, delete on {name} from lab_system")
    for signature in (*INNER_FUNCTIONS, SEE_WORKER):
        op.execute(f"revoke execute on function {signature} from public")
    op.execute(f"grant execute on function {SEE_WORKER} to lab_system")
    for signature in BY_INDEX:
        op.execute(f"alter function {signature} set enable_seqscan = off")
        op.execute(f"alter function {signature} set enable_bitmapscan = off")


def downgrade() -> None:
    first, fourth = (import_module(f"migrations.versions.{name}") for name in ("0002_jobs", "0004_jobs_settling"))
    for name in ("job_arrive", "job_prepare"):
        op.execute(f"drop trigger {name} on jobs")
    for signature in (*INNER_FUNCTIONS, SEE_WORKER):
        op.execute(f"drop function {signature}")
    for name in ("ix_jobs_pick", "ix_jobs_oldest", "ix_jobs_postponed", "ix_jobs_worker"):
        op.execute(f"drop index {name}")
    op.execute("drop table job_lanes, pick_notes")
    op.execute("alter table workers drop column knows, drop column warm")
    op.execute("alter table queue_controls drop column running_max")
    op.execute("alter table jobs drop column needs, drop column affinity, drop column is_due")
    queued = "where state = 'queued'"
    op.execute(f"create index ix_jobs_pick on jobs (queue, workspace_id, priority desc, id) {queued}")
    op.execute(f"create index ix_jobs_oldest on jobs (queue, workspace_id, id) {queued}")
    account = fourth.ACCOUNT.replace("create function", "create or replace function", 1)
    doomed = first.DOOMED.replace("create function", "create or replace function", 1)
    fourth.define(account, fourth.ENQUEUE, fourth.PICK, fourth.CLAIM, first.SEE_WORKER, doomed)
    op.execute("alter function job_doomed(int) security definer set search_path = public, pg_temp")
    op.execute(f"revoke execute on function {FIRST_SEE_WORKER} from public")
    op.execute(f"alter function {FIRST_SEE_WORKER} security definer set search_path = public, pg_temp")
    op.execute(f"grant execute on function {FIRST_SEE_WORKER} to lab_system")
    for signature in BY_INDEX:
        op.execute(f"alter function {signature} reset enable_seqscan")
        op.execute(f"alter function {signature} reset enable_bitmapscan")
