"""Many jobs a transaction: taken with one claim, ended with one commit."""

from pathlib import Path

from alembic import op

from migrations.statements import run_definitions

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SIGNATURES = (
    "job_claim_many(uuid[], text, text, text[], int, float8)",
    "job_finish_many(uuid[], bigint[], uuid[], float8[])",
)


def upgrade() -> None:
    run_definitions(Path(__file__).with_suffix(".sql"))
    for signature in SIGNATURES:
        op.execute(f"revoke execute on function {signature} from public")
        op.execute(f"grant execute on function {signature} to lab_system")


def downgrade() -> None:
    for signature in SIGNATURES:
        op.execute(f"drop function {signature}")
