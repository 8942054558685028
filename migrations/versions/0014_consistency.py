"""Reports of consistency: one a render, with a contact sheet and a plot."""

from pathlib import Path

from alembic import op

from migrations.statements import run_file

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = "consistency_reports"


def upgrade() -> None:
    run_file(Path(__file__).with_suffix(".sql"))
    op.execute(f"alter table {TABLE} enable row level security")
    op.execute(
        f"create policy workspace on {TABLE} to lab_app "
        "using (workspace_id = nullif(current_setting('lab.workspace_id', true), '')::uuid)"
    )
    op.execute(f"create policy everything on {TABLE} to lab_system using (true)")


def downgrade() -> None:
    op.execute(f"drop table {TABLE}")
