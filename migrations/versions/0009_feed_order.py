"""A workspace's feed tells each stream's events in the order of their numbers.

The feed is ordered by (transaction, id). A transaction that had begun to write before, and then waited for the stream's
row, told a higher number under a lower transaction than the one that it had waited for: a job's success came before the
wish to cancel it. Each event is now told under the later of its own transaction and that of its stream's last event.
Nothing can be missed by that: an event is read only when every transaction up to the one that it is told under is over,
and its own is among them.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TOLD_UNDER = """
create function event_told_under(a_kind text, a_id uuid, a_number bigint) returns xid8 language sql as $$
    select greatest(pg_current_xact_id(),
                    (select xid from events where stream_kind = a_kind and stream_id = a_id and number = a_number - 1))
$$
"""

TELL = """
create or replace function job_tell(job jobs, name text, more jsonb default '{}') returns void language sql as $$
    insert into events (stream_kind, stream_id, number, workspace_id, name, xid, data)
    values ('job', job.id, job.event_number, job.workspace_id, name,
            event_told_under('job', job.id, job.event_number),
            jsonb_build_object('kind', job.kind, 'epoch', job.epoch, 'attempts', job.attempts, 'lost', job.lost) || more)
$$
"""

EVENT_APPEND = """
create or replace function event_append(a_kind text, a_id uuid, a_workspace_id uuid, a_name text, a_data jsonb)
returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
declare
    given bigint;
begin
    perform must_be_own_workspace(a_workspace_id);
    insert into streams as s (kind, id, workspace_id, last_number) values (a_kind, a_id, a_workspace_id, 1)
    on conflict (kind, id) do update set last_number = s.last_number + 1
    where s.workspace_id = excluded.workspace_id
    returning s.last_number into given;
    if given is null then
        raise exception 'stream % % belongs to another workspace', a_kind, a_id using errcode = 'insufficient_privilege';
    end if;
    insert into events (stream_kind, stream_id, number, workspace_id, name, xid, data)
    values (a_kind, a_id, given, a_workspace_id, a_name, event_told_under(a_kind, a_id, given), a_data);
    return given;
end $$
"""


def upgrade() -> None:
    op.execute(TOLD_UNDER)
    op.execute("revoke execute on function event_told_under(text, uuid, bigint) from public")
    for definition in (TELL, EVENT_APPEND):
        op.execute(definition)


def downgrade() -> None:
    op.execute(EVENT_APPEND.replace(", xid, data", ", data").replace(" event_told_under(a_kind, a_id, given),", ""))
    op.execute(TELL.replace(", xid, data", ", data").replace("            event_told_under('job', job.id, job.event_number),\n", ""))
    op.execute("drop function event_told_under(text, uuid, bigint)")
