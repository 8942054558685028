"""Oldest: the pick finds the oldest job by an order that no other index has."""

from pathlib import Path

from alembic import op

from migrations.statements import definition_of, run_definitions

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

LANES = Path(__file__).with_name("0007_lanes_functions.sql")
PICK_FAIR = "pick_fair(text, uuid[], text[], text[], int)"
WAITING = "where state = 'queued' and is_due"


def upgrade() -> None:
    op.execute("drop index ix_jobs_oldest")
    op.execute(f"create index ix_jobs_oldest on jobs (queue, workspace_id, needs, created_at, id) {WAITING}")
    run_definitions(Path(__file__).with_suffix(".sql"))
    look_by_index()


def downgrade() -> None:
    op.execute("drop index ix_jobs_oldest")
    op.execute(f"create index ix_jobs_oldest on jobs (queue, workspace_id, needs, id) {WAITING}")
    first = definition_of(LANES, "pick_fair")
    op.get_bind().exec_driver_sql(first.replace("create function", "create or replace function", 1))
    look_by_index()


def look_by_index() -> None:
    """Replacing a function takes its settings away."""
    for name in ("enable_seqscan", "enable_bitmapscan"):
        op.execute(f"alter function {PICK_FAIR} set {name} = off")
