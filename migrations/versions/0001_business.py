"""The tables of the business, their indexes, and row-level security."""

from pathlib import Path

from alembic import op

from migrations.statements import run_file

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WORKSPACE_TABLES = (
    "uploads",
    "objects",
    "characters",
    "character_images",
    "look_alikes",
    "storyboards",
    "shots",
    "storyboard_versions",
    "renders",
    "render_shots",
    "takes",
)
SHARED_TABLES = ("users", "workspaces", "memberships", "sessions", "refresh_tokens", "attempts")


def upgrade() -> None:
    op.execute("create extension if not exists vector")
    for role in ("lab_app", "lab_system"):
        op.execute(
            f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') then "
            f"create role {role} login; end if; end $$"
        )
        op.execute(f"grant usage on schema public to {role}")
        op.execute(
            f"alter default privileges in schema public grant select, insert, update, delete on tables to {role}"
        )
        op.execute(f"alter default privileges in schema public grant usage on sequences to {role}")
    op.execute("grant select on alembic_version to lab_app, lab_system")
    run_file(Path(__file__).with_suffix(".sql"))
    for name in WORKSPACE_TABLES:
        op.execute(f"alter table {name} enable row level security")
        op.execute(
            f"create policy workspace on {name} to lab_app "
            "using (workspace_id = nullif(current_setting('lab.workspace_id', true), '')::uuid)"
        )
        op.execute(f"create policy everything on {name} to lab_system using (true)")


def downgrade() -> None:
    for name in reversed((*SHARED_TABLES, *WORKSPACE_TABLES)):
        op.execute(f"drop table {name} cascade")
