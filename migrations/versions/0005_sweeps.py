"""Marks on bytes that nothing owns; steps are found by who uses them; a workspace's fair time lies in its shares."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STRAYS = """
create table strays (
    key text not null,
    holder_id uuid,
    marked_at timestamp with time zone default clock_timestamp() not null,
    constraint pk_strays primary key (key)
)
"""
DIGESTS = (("takes", "keyframe_digest"), ("takes", "clip_digest"), ("renders", "film_digest"))


def upgrade() -> None:
    op.execute("alter table workspaces drop column virtual_time")
    op.execute(STRAYS)
    op.execute("create index ix_strays_marked_at on strays (marked_at)")
    op.execute("revoke all on strays from lab_app")
    for table, column in DIGESTS:
        op.execute(f"create index ix_{table}_workspace_id_{column} on {table} (workspace_id, {column})")


def downgrade() -> None:
    for table, column in DIGESTS:
        op.execute(f"drop index ix_{table}_workspace_id_{column}")
    op.execute("drop table strays")
    op.execute("alter table workspaces add column virtual_time float default '0' not null")
