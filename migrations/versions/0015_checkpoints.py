"""Checkpoints: what an interrupted attempt saved is kept with its job, and let go when the job ends."""

from pathlib import Path

from alembic import op

from migrations.statements import run_definitions, run_file

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

HELD_FUNCTIONS = ("job_hold_checkpoint(uuid, bigint, uuid)", "job_keep_checkpoint(uuid, uuid)")


def upgrade() -> None:
    run_file(Path(__file__).with_suffix(".sql"))
    run_definitions(Path(__file__).with_name("0015_checkpoints_functions.sql"))
    for signature in (*HELD_FUNCTIONS, "job_drop_checkpoint()"):
        op.execute(f"revoke execute on function {signature} from public")
    for signature in HELD_FUNCTIONS:
        op.execute(f"grant execute on function {signature} to lab_system")


def downgrade() -> None:
    op.execute("drop trigger job_drop_checkpoint on jobs")
    for signature in (*HELD_FUNCTIONS, "job_drop_checkpoint()"):
        op.execute(f"drop function {signature}")
    op.execute(
        "update objects set reference_count = reference_count - 1 where id in (select checkpoint_id from jobs)"
    )
    op.execute("alter table jobs drop column checkpoint_id")
