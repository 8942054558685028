"""Retention: what has had its time goes, in short transactions; a cursor that may have missed something is told so."""

from importlib import import_module
from pathlib import Path

from alembic import op

from migrations.statements import run_definitions, run_file

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SYSTEM_FUNCTIONS = ("event_prune(int, int)", "idle_prune(int, int)")
INDEXES = ("ix_events_at", "ix_refresh_tokens_expires_at")


def upgrade() -> None:
    run_file(Path(__file__).with_suffix(".sql"))
    run_definitions(Path(__file__).with_name("0008_retention_functions.sql"))
    op.execute("revoke insert, update, delete on feed_marks from lab_app, lab_system")
    op.execute("revoke execute on function feed_cut(uuid, xid8, bigint) from public")
    for signature in SYSTEM_FUNCTIONS:
        op.execute(f"revoke execute on function {signature} from public")
        op.execute(f"grant execute on function {signature} to lab_system")


def downgrade() -> None:
    for signature in (*SYSTEM_FUNCTIONS, "feed_cut(uuid, xid8, bigint)"):
        op.execute(f"drop function {signature}")
    prune = import_module("migrations.versions.0002_jobs").PRUNE.replace("create function", "create or replace function")
    op.execute(prune.replace(":", r"\:"))
    op.execute("alter function job_prune(int, int) security definer set search_path = public, pg_temp")
    op.execute("alter function job_prune(int, int) reset enable_seqscan")
    op.execute("alter function job_prune(int, int) reset enable_bitmapscan")
    for name in INDEXES:
        op.execute(f"drop index {name}")
    op.execute("drop table feed_marks")
