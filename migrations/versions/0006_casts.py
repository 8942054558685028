"""A storyboard that nobody chose a cast for says so; an empty cast is nobody."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table storyboards alter column cast_ids drop not null, alter column cast_ids drop default")
    op.execute("update storyboards set cast_ids = null where cast_ids = '{}'")


def downgrade() -> None:
    op.execute("update storyboards set cast_ids = '{}' where cast_ids is null")
    op.execute("alter table storyboards alter column cast_ids set default '{}', alter column cast_ids set not null")
