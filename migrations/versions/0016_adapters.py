"""Adapters: the versions of each character's, and which of them is in use."""

from pathlib import Path

from alembic import op

from migrations.statements import run_file

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_file(Path(__file__).with_suffix(".sql"))
    op.execute("alter table adapter_versions enable row level security")
    op.execute(
        "create policy workspace on adapter_versions to lab_app "
        "using (workspace_id = nullif(current_setting('lab.workspace_id', true), '')::uuid)"
    )
    op.execute("create policy everything on adapter_versions to lab_system using (true)")


def downgrade() -> None:
    op.execute("alter table characters drop column adapter_ids")
    held = "select unnest(array[weights_id, plot_id, samples_id]) as id from adapter_versions"
    op.execute(
        "update objects o set reference_count = reference_count - h.held"  # noqa: S608 - constants
        f" from (select id, count(*) as held from ({held}) each group by id) h where h.id = o.id"
    )
    op.execute("drop table adapter_versions")
