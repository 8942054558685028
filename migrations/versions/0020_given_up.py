"""Given up: a heartbeat that is still on its way when a worker gives up a lease does not revive it."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# No lease is prolonged past the attempt's deadline, so one that is long past keeps the lease from being prolonged at all.
GIVE_UP_LEASE = """
create or replace function job_give_up_lease(a_id uuid, a_epoch bigint, a_claim_id uuid, a_message text) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update jobs set lease_until = clock_timestamp() - interval '1 second', deadline_at = {deadline},
                    error_code = 'WORKER_LOST', error_message = a_message
    where id = a_id and epoch = a_epoch and claim_id = a_claim_id and state = 'running';
    return found;
end $$
"""


def upgrade() -> None:
    op.execute(GIVE_UP_LEASE.format(deadline="timestamptz 'epoch'"))


def downgrade() -> None:
    op.execute(GIVE_UP_LEASE.format(deadline="clock_timestamp()"))
