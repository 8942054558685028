"""Which lab this database is, so that it sweeps no other's bucket, and since when its feed is this cluster's."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# A restored database keeps its id: it is the same lab. Whether it has objects tells a lab that is older than the mark in
# its bucket from one whose database is new.
LAB = """
create table lab (
    id uuid default gen_random_uuid() not null,
    had_objects boolean not null,
    feed_xid xid8,
    feed_floor bigint default '0' not null,
    constraint pk_lab primary key (id)
)
"""


def upgrade() -> None:
    op.execute(LAB)
    op.execute("insert into lab (had_objects) select exists (select from objects)")
    op.execute("revoke insert, update, delete on lab from lab_app, lab_system")


def downgrade() -> None:
    op.execute("drop table lab")
