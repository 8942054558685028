"""Run times: what jobs have taken is measured by kind, engine, size and length, and new jobs are estimated by it."""

from pathlib import Path

from alembic import op

from migrations.statements import definition_of, run_definitions, run_file

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

READERS_FUNCTIONS = ("run_class(float8)", "run_expect(text, text, text, float8, float8)")
INNER_FUNCTION = "run_number(jsonb, text)"
MEASURE = "job_measure(float8, int)"
LANES = Path(__file__).with_name("0007_lanes_functions.sql")


def upgrade() -> None:
    run_file(Path(__file__).with_suffix(".sql"))
    run_definitions(Path(__file__).with_name("0012_run_times_functions.sql"))
    for signature in (*READERS_FUNCTIONS, INNER_FUNCTION, MEASURE):
        op.execute(f"revoke execute on function {signature} from public")
    for signature in READERS_FUNCTIONS:
        op.execute(f"grant execute on function {signature} to lab_app, lab_system")
    op.execute(f"grant execute on function {MEASURE} to lab_system")


def downgrade() -> None:
    prepare = definition_of(LANES, "job_prepare").replace("create function", "create or replace function", 1)
    op.get_bind().exec_driver_sql(prepare)
    for signature in (MEASURE, *reversed(READERS_FUNCTIONS), INNER_FUNCTION):
        op.execute(f"drop function {signature}")
    op.execute("drop table job_run_times, job_run_time_mark")
