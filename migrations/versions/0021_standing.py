"""Standing: what is looked up beside millions of ended jobs has indexes, a drained worker stays so, batches are measured."""

from importlib import import_module
from pathlib import Path

from alembic import op

from migrations.statements import definition_of, run_definitions, run_file

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

RUN_TIMES = Path(__file__).with_name("0012_run_times_functions.sql")
INDEXES = ("ix_jobs_blocked", "ix_jobs_given_up", "ix_step_results_judgements")


def upgrade() -> None:
    run_file(Path(__file__).with_suffix(".sql"))
    run_definitions(Path(__file__).with_name("0021_standing_functions.sql"))


def downgrade() -> None:
    leave = import_module("migrations.versions.0002_jobs").LEAVE_WORKER
    for definition in (leave, definition_of(RUN_TIMES, "job_measure")):
        op.get_bind().exec_driver_sql(definition.replace("create function", "create or replace function", 1))
    op.execute("alter function worker_leave(text) security definer set search_path = public, pg_temp")
    for name in INDEXES:
        op.execute(f"drop index {name}")
