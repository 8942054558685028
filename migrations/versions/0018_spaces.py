"""Embedding spaces of workers: vectors of pictures and identities in them, beside the built-in ones."""

from pathlib import Path

from alembic import op

from migrations.statements import run_file

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("image_vectors", "space_identities")
# A space's key, `name@version`, is the name of the engine that embeds in it; before, an @ meant a kind with its version.
KNOWS = """
create or replace function worker_knows(a_engines text[], a_command_version int) returns text[] language sql immutable as $$
    select array_agg(distinct known.needs) from (
        select '' as needs
        union all
        select e.name from unnest(a_engines) as e(name) where position('@' in e.name) > 0
        union all
        select e.name || '@' || v.version
        from unnest(a_engines) as e(name), generate_series(1, greatest(1, a_command_version)) as v(version)
        where {names}
    ) known
$$
"""


def upgrade() -> None:
    run_file(Path(__file__).with_suffix(".sql"))
    op.execute(KNOWS.format(names="true"))
    for name in TABLES:
        op.execute(f"alter table {name} enable row level security")
        op.execute(
            f"create policy workspace on {name} to lab_app "
            "using (workspace_id = nullif(current_setting('lab.workspace_id', true), '')::uuid)"
        )
        op.execute(f"create policy everything on {name} to lab_system using (true)")


def downgrade() -> None:
    op.execute(KNOWS.format(names="position('@' in e.name) = 0"))
    op.execute("drop index ix_step_results_figures")
    for name in reversed(TABLES):
        op.execute(f"drop table {name}")
