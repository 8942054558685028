"""Rooms: each need has its own where workers are of several kinds; what cannot be buried hides nothing else."""

from importlib import import_module
from pathlib import Path

from alembic import op

from migrations.statements import definition_of, run_definitions

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

LANES = Path(__file__).with_name("0007_lanes_functions.sql")
ROOM = "pick_room(text, text, int, timestamptz)"
FAIR, FAIR_BEFORE = (f"pick_fair(text, uuid[], text[], text[], int{more})" for more in (", int[]", ""))
DOOMED, DOOMED_BEFORE = (f"job_doomed(int{more})" for more in (", text[], uuid[]", ""))
BY_INDEX = ("enable_seqscan", "enable_bitmapscan")


def upgrade() -> None:
    for function in (FAIR_BEFORE, DOOMED_BEFORE):
        op.execute(f"drop function {function}")
    run_definitions(Path(__file__).with_name("0022_rooms_functions.sql"))
    for function in (ROOM, FAIR, DOOMED):
        op.execute(f"revoke execute on function {function} from public")
    op.execute(f"grant execute on function {DOOMED} to lab_system")
    op.execute("create index ix_storyboards_writing on storyboards (id) where state = 'writing'")


def downgrade() -> None:
    op.execute("drop index ix_storyboards_writing")
    for function in (FAIR, DOOMED):
        op.execute(f"drop function {function}")
    oldest = import_module("migrations.versions.0019_oldest")
    oldest.find_oldest(oldest.BY_CREATION)
    for name, signature in (("job_pick", "job_pick(text, int, float8, int)"), ("job_doomed", DOOMED_BEFORE)):
        op.get_bind().exec_driver_sql(definition_of(LANES, name))
        for setting in BY_INDEX:
            op.execute(f"alter function {signature} set {setting} = off")
    for function in (FAIR_BEFORE, DOOMED_BEFORE):
        op.execute(f"revoke execute on function {function} from public")
    op.execute(f"grant execute on function {DOOMED_BEFORE} to lab_system")
    op.execute(f"drop function {ROOM}")
