"""Oldest: the pick finds the oldest job by an order that no other index has."""

from pathlib import Path

from alembic import op

from migrations.statements import definition_of

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

LANES = Path(__file__).with_name("0007_lanes_functions.sql")
PICK_FAIR = "pick_fair(text, uuid[], text[], text[], int)"
# By id alone the primary key has that order too, and a plan made while a backlog stood would walk all that has ended since.
BY_ID, BY_CREATION = "j.id", "j.created_at, j.id"
WAITING = "where state = 'queued' and is_due"


def upgrade() -> None:
    op.execute("drop index ix_jobs_oldest")
    op.execute(f"create index ix_jobs_oldest on jobs (queue, workspace_id, needs, created_at, id) {WAITING}")
    find_oldest(BY_CREATION)


def downgrade() -> None:
    op.execute("drop index ix_jobs_oldest")
    op.execute(f"create index ix_jobs_oldest on jobs (queue, workspace_id, needs, id) {WAITING}")
    find_oldest(BY_ID)


def find_oldest(order: str) -> None:
    """Have the pick look for the oldest in this order; replacing a function takes its settings away."""
    first = definition_of(LANES, "pick_fair").replace("create function", "create or replace function", 1)
    op.get_bind().exec_driver_sql(first.replace(f"order by {BY_ID} limit", f"order by {order} limit"))
    for name in ("enable_seqscan", "enable_bitmapscan"):
        op.execute(f"alter function {PICK_FAIR} set {name} = off")
