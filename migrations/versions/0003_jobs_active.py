"""An index of what is under way: the pick counts it at every turn, whatever else the table holds."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "create index ix_jobs_active on jobs (queue, workspace_id) where state in ('dispatched', 'running')"
    )


def downgrade() -> None:
    op.execute("drop index ix_jobs_active")
