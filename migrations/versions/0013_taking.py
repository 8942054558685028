"""Taking: pick and claim in one transaction, and the events of a batch in one statement."""

from pathlib import Path

from alembic import op

from migrations.statements import definition_of, run_definitions

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TAKE = "job_take(uuid[], text, text, text[], int, float8)"
FINISH = "job_finish_many(uuid[], bigint[], uuid[], float8[])"
INNER_FUNCTIONS = ("job_story(text, bigint, int, int, int, jsonb)", "pick_charge(text, float8, uuid[], float8[])")


SUBJECT = "create index ix_jobs_subject on jobs (subject_id) where finished_at is null"


def upgrade() -> None:
    # Every move of a job writes into each index that has it. The unique key begins with the workspace as well.
    op.execute("drop index ix_jobs_workspace_id")
    op.execute("drop index ix_jobs_subject")
    op.execute(f"{SUBJECT} and subject_id is not null")
    run_definitions(Path(__file__).with_suffix(".sql"))
    for signature in (TAKE, *INNER_FUNCTIONS):
        op.execute(f"revoke execute on function {signature} from public")
    op.execute(f"grant execute on function {TAKE} to lab_system")
    for name in ("enable_seqscan", "enable_bitmapscan"):
        op.execute(f"alter function {TAKE} set {name} = off")
    for signature in (TAKE, FINISH):
        op.execute(f"alter function {signature} set plan_cache_mode = force_generic_plan")


def downgrade() -> None:
    batches = definition_of(Path(__file__).with_name("0010_batches.sql"), "job_finish_many")
    tell = definition_of(Path(__file__).with_name("0011_operators_functions.sql"), "job_tell")
    for definition in (batches.replace("create function", "create or replace function", 1), tell):
        op.get_bind().exec_driver_sql(definition)
    for signature in (TAKE, *INNER_FUNCTIONS):
        op.execute(f"drop function {signature}")
    op.execute(f"alter function {FINISH} reset plan_cache_mode")
    op.execute("drop index ix_jobs_subject")
    op.execute(SUBJECT)
    op.execute("create index ix_jobs_workspace_id on jobs (workspace_id)")
