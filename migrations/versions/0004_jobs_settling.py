"""Mend the engine where a job could wait for ever, lock in the wrong order, or be charged for what it never had.

- A job that is written down to wait for one that has already ended without success is aborted at once.
- Shares are locked after every job of the transaction, also where several jobs end in it.
- Each pick charges the estimate; at the end all of them are taken back for what was worked. A correction that commits
  while the pick is under way is kept.
- The pick leaves a command alone that no single worker knows, engine and version together.
- A claim repeated while the first one is still on its way waits for it, and so never takes a second job.
"""

from importlib import import_module

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ENQUEUE = """
create or replace function job_enqueue(
    a_id uuid, a_workspace_id uuid, a_kind text, a_queue text, a_payload jsonb, a_inputs jsonb, a_options jsonb
) returns boolean language plpgsql as $$
declare
    job jobs;
    waits uuid[] := array(select jsonb_array_elements_text(coalesce(a_options -> 'waits_for', '[]'))::uuid);
    open_waits int;
begin
    perform must_be_own_workspace(a_workspace_id);
    insert into jobs (id, workspace_id, kind, queue, payload, inputs, engine, command_version, subject_id, priority,
                      idempotency_key, attempts_max, deadline_seconds, estimated_seconds, run_at, start_before,
                      event_number)
    values (a_id, a_workspace_id, a_kind, a_queue, a_payload, a_inputs,
            a_payload #>> '{command,engine}', (a_payload #>> '{command,version}')::int,
            (a_options ->> 'subject_id')::uuid, (a_options ->> 'priority')::smallint,
            a_options ->> 'idempotency_key', (a_options ->> 'attempts_max')::int,
            (a_options ->> 'deadline_seconds')::float8, (a_options ->> 'estimated_seconds')::float8,
            coalesce((a_options ->> 'run_at')::timestamptz, clock_timestamp()),
            (a_options ->> 'start_before')::timestamptz, 1)
    on conflict do nothing returning * into job;
    if not found then
        return false;
    end if;
    if cardinality(waits) > 0 then
        -- The rows are locked so that none of them can end between the count and the insert.
        perform 1 from jobs where id = any(waits) order by id for no key update;
        insert into job_dependencies (job_id, waits_for)
        select a_id, id from jobs where id = any(waits) and workspace_id = a_workspace_id and state <> 'succeeded';
        get diagnostics open_waits = row_count;
        if open_waits > 0 then
            update jobs set state = 'blocked', waiting_on = open_waits where id = a_id;
        end if;
    end if;
    perform job_tell(job, 'JobQueued', jsonb_build_object('queue', a_queue));
    if exists (select 1 from job_dependencies d join jobs j on j.id = d.waits_for
               where d.job_id = a_id and j.finished_at is not null) then
        update jobs set state = 'aborted', finished_at = clock_timestamp(), error_code = 'DEPENDENCY_FAILED',
                        error_message = 'A job that this one waits for did not succeed.', event_number = event_number + 1
        where id = a_id returning * into job;
        perform job_tell(job, 'JobAborted', jsonb_build_object('error_code', job.error_code));
    end if;
    return true;
end $$
"""

# Those that wait go on or are given up.
FOLLOW = """
create function job_follow(job jobs) returns void language plpgsql as $$
declare
    waiting jobs;
begin
    if job.state = 'succeeded' then
        update jobs j set waiting_on = j.waiting_on - 1,
                          state = case when j.waiting_on = 1 then 'queued' else j.state end
        from job_dependencies d where d.waits_for = job.id and j.id = d.job_id and j.state = 'blocked';
    else
        for waiting in
            update jobs j set state = 'aborted', finished_at = clock_timestamp(), error_code = 'DEPENDENCY_FAILED',
                              error_message = 'A job that this one waits for did not succeed.',
                              event_number = j.event_number + 1
            from job_dependencies d where d.waits_for = job.id and j.id = d.job_id and j.state = 'blocked'
            returning j.*
        loop
            perform job_tell(waiting, 'JobAborted', jsonb_build_object('error_code', waiting.error_code));
            perform job_follow(waiting);
        end loop;
    end if;
end $$
"""

# Every delivery charged the estimate. The shares are locked in one order, and after all jobs.
ACCOUNT = """
create function job_account(a_ids uuid[]) returns void language plpgsql as $$
begin
    if cardinality(a_ids) > 1 then
        perform 1 from workspace_shares s
        where (s.workspace_id, s.queue) in (select j.workspace_id, j.queue from jobs j where j.id = any(a_ids))
        order by s.workspace_id, s.queue for no key update;
    end if;
    update workspace_shares s set virtual_time = s.virtual_time + owed.seconds / w.weight
    from (select j.workspace_id, j.queue, sum(j.worked_seconds - j.delivery * j.estimated_seconds) as seconds
          from jobs j where j.id = any(a_ids) and j.delivery > 0 group by 1, 2) owed
    join workspaces w on w.id = owed.workspace_id
    where s.workspace_id = owed.workspace_id and s.queue = owed.queue;
end $$
"""

# The last statement of a report that ends one job.
SETTLE = """
create or replace function job_settle(job jobs) returns void language plpgsql as $$
begin
    perform job_follow(job);
    perform job_account(array[job.id]);
end $$
"""

PICK = """
create or replace function job_pick(a_queue text, a_lookahead int, a_seen_seconds float8, a_limit int)
returns table (job_id uuid, delivery bigint, workspace_id uuid) language plpgsql as $$
#variable_conflict use_column
declare
    started timestamptz := clock_timestamp();
    floor_time float8;
    able jsonb;
    room int;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('jobs.pick.' || a_queue, 0)) then
        return;
    end if;
    select virtual_time into floor_time from queue_controls where queue = a_queue and not is_paused;
    if not found then
        return;
    end if;
    select coalesce(sum(slots + least(a_lookahead, slots)), 0) into room
    from workers where queue = a_queue and state = 'ready' and last_seen_at > started - make_interval(secs => a_seen_seconds);
    -- The newest commands of each engine that some worker knows.
    select coalesce(jsonb_object_agg(known.engine, known.version), '{}') into able from (
        select e.engine, max(w.command_version) as version from workers w cross join unnest(w.engines) as e(engine)
        where w.queue = a_queue and w.state = 'ready' and w.last_seen_at > started - make_interval(secs => a_seen_seconds)
        group by 1
    ) known;
    room := least(a_limit, room - (select count(*) from jobs where queue = a_queue and state in ('dispatched', 'running')));
    if room <= 0 then
        return;
    end if;
    return query
    with recursive spaces as (
        (select j.workspace_id from jobs j where j.queue = a_queue and j.state = 'queued' order by 1 limit 1)
        union all
        select (select j.workspace_id from jobs j where j.queue = a_queue and j.state = 'queued'
                and j.workspace_id > s.workspace_id order by 1 limit 1)
        from spaces s where s.workspace_id is not null
    ),
    active as materialized (
        select j.workspace_id, count(*) as n from jobs j
        where j.queue = a_queue and j.state in ('dispatched', 'running') group by 1
    ),
    candidates as materialized (
        select w.id as workspace_id, q.id, q.estimated_seconds / w.weight as cost, q.rank_priority,
               greatest(coalesce(sh.virtual_time, 0), floor_time) as fair_time,
               row_number() over best as rn, coalesce(a.n, 0) as n, w.running_max,
               coalesce(sum(q.estimated_seconds / w.weight) over (best rows between unbounded preceding and 1 preceding), 0)
                   as before
        from spaces s join workspaces w on w.id = s.workspace_id
        left join active a on a.workspace_id = w.id
        left join workspace_shares sh on sh.workspace_id = w.id and sh.queue = a_queue
        cross join lateral (
            -- The best, and the oldest: a job gains one point of priority in ten minutes, so none starves.
            select u.id, u.estimated_seconds,
                   u.priority + floor(extract(epoch from started - u.created_at) / 600) as rank_priority
            from (
                (select j.* from jobs j where j.queue = a_queue and j.workspace_id = w.id and j.state = 'queued'
                     and j.run_at <= started and (j.start_before is null or j.start_before > started)
                     and (j.engine is null or coalesce(j.command_version, 1) <= (able ->> j.engine)::int)
                 order by j.priority desc, j.id limit room)
                union
                (select j.* from jobs j where j.queue = a_queue and j.workspace_id = w.id and j.state = 'queued'
                     and j.run_at <= started and (j.start_before is null or j.start_before > started)
                     and (j.engine is null or coalesce(j.command_version, 1) <= (able ->> j.engine)::int)
                 order by j.id limit room)
            ) u
        ) q
        window best as (partition by w.id order by q.rank_priority desc, q.id)
    ),
    fair as materialized (
        select c.workspace_id, c.id, c.fair_time + c.before as start_tag, c.fair_time + c.before + c.cost as finish_tag
        from candidates c where c.n + c.rn <= c.running_max
        order by start_tag, c.rank_priority desc, c.id limit room
    ),
    locked as materialized (
        select j.id from jobs j where j.id in (select f.id from fair f) and j.state = 'queued' for update skip locked
    ),
    moved as (
        update jobs j set state = 'dispatched', delivery = j.delivery + 1, dispatched_at = clock_timestamp()
        from locked where j.id = locked.id returning j.id, j.delivery, j.workspace_id, j.priority
    ),
    shares as (
        insert into workspace_shares as sh (workspace_id, queue, virtual_time)
        select f.workspace_id, a_queue, floor_time + sum(f.finish_tag - f.start_tag)
        from fair f join moved m on m.id = f.id group by 1 order by 1
        -- Charged on top of what stands now: a job that ended since the pick looked has corrected it.
        on conflict (workspace_id, queue) do update
        set virtual_time = greatest(sh.virtual_time, floor_time) + (excluded.virtual_time - floor_time)
    ),
    clock as (
        update queue_controls c set virtual_time = t.latest
        from (select max(f.start_tag) as latest from fair f join moved m on m.id = f.id) t
        where c.queue = a_queue and t.latest > c.virtual_time
    )
    select m.id, m.delivery, m.workspace_id from moved m join fair f on f.id = m.id order by f.start_tag, m.priority desc, m.id;
end $$
"""

CLAIM = """
create or replace function job_claim(
    a_claim_id uuid, a_worker_id text, a_queue text, a_engines text[], a_command_version int, a_lease_seconds float8,
    a_job_id uuid default null, a_delivery bigint default null
) returns setof jobs language plpgsql as $$
declare
    job jobs;
    chosen uuid := a_job_id;
begin
    -- A claim whose answer was lost is repeated with the same claim id and finds its job again, even while the first one is
    -- still on its way.
    perform pg_advisory_xact_lock(hashtextextended('jobs.claim.' || a_claim_id, 0));
    update jobs set lease_until = least(clock_timestamp() + make_interval(secs => a_lease_seconds),
                                        deadline_at + make_interval(secs => a_lease_seconds))
    where claim_id = a_claim_id and worker_id = a_worker_id and state = 'running' returning * into job;
    if found then
        return next job;
        return;
    end if;
    if chosen is null then
        select id into chosen from jobs
        where queue = a_queue and state = 'dispatched' and cancel_requested_at is null
          and (engine is null or (engine = any(a_engines) and coalesce(command_version, 1) <= a_command_version))
          and (start_before is null or start_before > clock_timestamp())
        order by dispatched_at, priority desc, id limit 1 for update skip locked;
    end if;
    update jobs set
        state = 'running', epoch = epoch + 1, claim_id = a_claim_id, worker_id = a_worker_id,
        started_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => a_lease_seconds),
        deadline_at = clock_timestamp() + make_interval(secs => deadline_seconds), event_number = event_number + 1
    where id = chosen and queue = a_queue and state = 'dispatched' and (a_delivery is null or delivery = a_delivery)
      and cancel_requested_at is null
      and (engine is null or (engine = any(a_engines) and coalesce(command_version, 1) <= a_command_version))
      and (start_before is null or start_before > clock_timestamp())
    returning * into job;
    if found then
        perform job_tell(job, 'JobStarted', jsonb_build_object('worker_id', a_worker_id));
        return next job;
    end if;
end $$
"""

REAP = """
create or replace function job_reap(a_limit int) returns setof jobs language plpgsql as $$
declare
    job jobs;
    ended uuid[] := '{}';
begin
    for job in
        with expired as materialized (
            select id from jobs
            where state = 'running' and lease_until < clock_timestamp()
              and (lost + 1 < lost_max or cancel_requested_at is not null)
            order by lease_until limit a_limit for update skip locked
        )
        update jobs j set
            state = case when j.cancel_requested_at is null then 'queued' else 'canceled' end,
            finished_at = case when j.cancel_requested_at is not null then clock_timestamp() end,
            lost = j.lost + 1, lease_until = null, run_at = clock_timestamp(), event_number = j.event_number + 1
        from expired where j.id = expired.id returning j.*
    loop
        perform job_tell(job, case job.state when 'queued' then 'JobLost' else 'JobCanceled' end,
                         jsonb_build_object('worker_id', job.worker_id));
        if job.state = 'canceled' then
            perform job_follow(job);
            ended := ended || job.id;
        end if;
        return next job;
    end loop;
    perform job_account(ended);
end $$
"""

# Answers the state before; the shares are the caller's.
STOP = """
create function job_stop(a_workspace_id uuid, a_id uuid, a_reason text) returns text language plpgsql as $$
declare
    job jobs;
    before text;
begin
    select state into before from jobs where id = a_id and workspace_id = a_workspace_id for no key update;
    if before in ('blocked', 'queued', 'dispatched') then
        update jobs set state = 'canceled', finished_at = clock_timestamp(), cancel_requested_at = clock_timestamp(),
                        cancel_reason = a_reason, event_number = event_number + 1
        where id = a_id returning * into job;
        perform job_tell(job, 'JobCanceled', jsonb_build_object('reason', a_reason));
        perform job_follow(job);
    elsif before = 'running' then
        update jobs set cancel_requested_at = clock_timestamp(), cancel_reason = a_reason, event_number = event_number + 1
        where id = a_id and cancel_requested_at is null returning * into job;
        if found then
            perform job_tell(job, 'JobCancelRequested', jsonb_build_object('reason', a_reason));
        end if;
    end if;
    return before;
end $$
"""

CANCEL = """
create or replace function job_cancel(a_workspace_id uuid, a_id uuid, a_reason text) returns text language plpgsql as $$
declare
    before text;
begin
    perform must_be_own_workspace(a_workspace_id);
    before := job_stop(a_workspace_id, a_id, a_reason);
    if before in ('blocked', 'queued', 'dispatched') then
        perform job_account(array[a_id]);
    end if;
    return before;
end $$
"""

# In the order in which they were written down: what a job waits for is locked before it, as everywhere.
CANCEL_SUBJECT = """
create or replace function job_cancel_subject(a_workspace_id uuid, a_subject_id uuid, a_reason text)
returns table (job_id uuid, before text) language plpgsql as $$
declare
    ended uuid[] := '{}';
begin
    perform must_be_own_workspace(a_workspace_id);
    for job_id in select id from jobs where subject_id = a_subject_id and workspace_id = a_workspace_id
                  and finished_at is null order by created_at, id
    loop
        before := job_stop(a_workspace_id, job_id, a_reason);
        if before in ('blocked', 'queued', 'dispatched') then
            ended := ended || job_id;
        end if;
        return next;
    end loop;
    perform job_account(ended);
end $$
"""

INNER_FUNCTIONS = ("job_follow(jobs)", "job_account(uuid[])", "job_stop(uuid, uuid, text)")
CALLED_FUNCTIONS = (
    "job_enqueue(uuid, uuid, text, text, jsonb, jsonb, jsonb)",
    "job_cancel(uuid, uuid, text)",
    "job_cancel_subject(uuid, uuid, text)",
    "job_pick(text, int, float8, int)",
    "job_claim(uuid, text, text, text[], int, float8, uuid, bigint)",
    "job_reap(int)",
)


def define(*definitions: str) -> None:
    for definition in definitions:
        op.execute(definition.replace(":", r"\:"))
    for signature in CALLED_FUNCTIONS:
        op.execute(f"alter function {signature} security definer set search_path = public, pg_temp")


def upgrade() -> None:
    define(FOLLOW, ACCOUNT, SETTLE, STOP, ENQUEUE, PICK, CLAIM, REAP, CANCEL, CANCEL_SUBJECT)
    for signature in INNER_FUNCTIONS:
        op.execute(f"revoke execute on function {signature} from public")


def downgrade() -> None:
    first = import_module("migrations.versions.0002_jobs")
    shared = [first.guarded(each) for each in (first.ENQUEUE, first.CANCEL, first.CANCEL_SUBJECT)]
    before = [first.SETTLE, *shared, first.PICK, first.CLAIM, first.REAP]
    define(*(each.replace("create function", "create or replace function", 1) for each in before))
    for signature in INNER_FUNCTIONS:
        op.execute(f"drop function {signature}")
