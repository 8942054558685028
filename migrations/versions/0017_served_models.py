"""Served models: what workers' engines have been given and can do, kept beside their rows and told to everybody."""

from pathlib import Path

from alembic import op

from migrations.statements import definition_of, run_definitions, run_file

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

LANES = Path(__file__).with_name("0007_lanes_functions.sql")
FIRST_SEE_WORKER = "worker_see(text, text, text[], int, int, text, text[])"
SEE_WORKER = "worker_see(text, text, text[], int, int, text, text[], jsonb)"
MODELS_SERVED = "models_served(float8)"


def upgrade() -> None:
    op.execute(f"drop function {FIRST_SEE_WORKER}")
    run_file(Path(__file__).with_suffix(".sql"))
    run_definitions(Path(__file__).with_name("0017_served_models_functions.sql"))
    op.execute("revoke all on worker_models from lab_app, lab_system")
    for signature in (SEE_WORKER, MODELS_SERVED):
        op.execute(f"revoke execute on function {signature} from public")
    op.execute(f"grant execute on function {SEE_WORKER} to lab_system")
    op.execute(f"grant execute on function {MODELS_SERVED} to lab_app, lab_system")


def downgrade() -> None:
    for signature in (SEE_WORKER, MODELS_SERVED):
        op.execute(f"drop function {signature}")
    op.execute("drop table worker_models")
    op.get_bind().exec_driver_sql(definition_of(LANES, "worker_see"))
    op.execute(f"revoke execute on function {FIRST_SEE_WORKER} from public")
    op.execute(f"grant execute on function {FIRST_SEE_WORKER} to lab_system")
