"""Due: what waited for another job has waited in its queue only since that one ended."""

from importlib import import_module

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

QUEUED = "state = case when j.waiting_on = 1 then 'queued' else j.state end"
DUE_NOW = "run_at = case when j.waiting_on = 1 then greatest(j.run_at, clock_timestamp()) else j.run_at end"


def replace_follow(changes: str) -> None:
    follow = import_module("migrations.versions.0004_jobs_settling").FOLLOW
    definition = follow.replace("create function", "create or replace function", 1).replace(QUEUED, changes, 1)
    op.get_bind().exec_driver_sql(definition)


def upgrade() -> None:
    replace_follow(f"{QUEUED}, {DUE_NOW}")


def downgrade() -> None:
    replace_follow(QUEUED)
