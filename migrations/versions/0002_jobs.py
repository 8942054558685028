"""The job engine: its tables, and one function for each move of a job.

Each function's WHERE clause is the move's precondition; no row means "not your turn". The functions run as the owner, and
neither the application's nor the jobs' role may write the tables directly. All times are the server's clock_timestamp().
"""

from pathlib import Path

from alembic import op

from migrations.statements import run_file

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "queue_controls",
    "workspace_shares",
    "workers",
    "jobs",
    "job_dependencies",
    "step_results",
    "step_objects",
    "streams",
    "events",
)
WORKSPACE_TABLES = ("jobs", "step_results", "step_objects", "streams", "events", "workspace_shares")
# Written through the functions only.
GUARDED_TABLES = ("jobs", "job_dependencies", "workers", "streams", "events", "workspace_shares", "queue_controls")

# What a move tells in the job's stream. The caller has raised event_number under the row's lock.
TELL = """
create function job_tell(job jobs, name text, more jsonb default '{}') returns void language sql as $$
    insert into events (stream_kind, stream_id, number, workspace_id, name, data)
    values ('job', job.id, job.event_number, job.workspace_id, name,
            jsonb_build_object('kind', job.kind, 'epoch', job.epoch, 'attempts', job.attempts, 'lost', job.lost) || more)
$$
"""

EVENT_APPEND = """
create function event_append(a_kind text, a_id uuid, a_workspace_id uuid, a_name text, a_data jsonb)
returns bigint language plpgsql as $$
declare
    given bigint;
begin
    insert into streams as s (kind, id, workspace_id, last_number) values (a_kind, a_id, a_workspace_id, 1)
    on conflict (kind, id) do update set last_number = s.last_number + 1
    where s.workspace_id = excluded.workspace_id
    returning s.last_number into given;
    if given is null then
        raise exception 'stream % % belongs to another workspace', a_kind, a_id using errcode = 'insufficient_privilege';
    end if;
    insert into events (stream_kind, stream_id, number, workspace_id, name, data)
    values (a_kind, a_id, given, a_workspace_id, a_name, a_data);
    return given;
end $$
"""

# Answers false when the id or the idempotency key is known already.
ENQUEUE = """
create function job_enqueue(
    a_id uuid, a_workspace_id uuid, a_kind text, a_queue text, a_payload jsonb, a_inputs jsonb, a_options jsonb
) returns boolean language plpgsql as $$
declare
    job jobs;
    waits uuid[] := array(select jsonb_array_elements_text(coalesce(a_options -> 'waits_for', '[]'))::uuid);
    open_waits int;
begin
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
    return true;
end $$
"""

# After a final move: those that wait go on or are given up, and the fair time is corrected by what was really worked.
# Callers make this their last statement before the commit: row locks are then always taken in the order
# business rows, jobs, dependants, shares.
SETTLE = """
create function job_settle(job jobs) returns void language plpgsql as $$
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
            perform job_settle(waiting);
        end loop;
    end if;
    if job.started_at is not null then
        update workspace_shares s
        set virtual_time = s.virtual_time + (job.worked_seconds - job.estimated_seconds) / w.weight
        from workspaces w
        where w.id = s.workspace_id and s.workspace_id = job.workspace_id and s.queue = job.queue;
    end if;
end $$
"""

# One picker at a time: the lock is its own statement before the pick, because SKIP LOCKED alone cannot keep a window or a
# cap that is shared by all. Start-time fair queueing: each candidate's start tag is its workspace's fair time plus what the
# same workspace's better candidates are estimated to take; a workspace back from idleness starts at the queue's time.
PICK = """
create function job_pick(a_queue text, a_lookahead int, a_seen_seconds float8, a_limit int)
returns table (job_id uuid, delivery bigint, workspace_id uuid) language plpgsql as $$
#variable_conflict use_column
declare
    started timestamptz := clock_timestamp();
    floor_time float8;
    engines_seen text[];
    version_seen int;
    room int;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('jobs.pick.' || a_queue, 0)) then
        return;
    end if;
    select virtual_time into floor_time from queue_controls where queue = a_queue and not is_paused;
    if not found then
        return;
    end if;
    select coalesce(sum(slots + least(a_lookahead, slots)), 0), max(command_version),
           array(select distinct unnest(v.engines) from workers v where v.queue = a_queue and v.state = 'ready'
                 and v.last_seen_at > started - make_interval(secs => a_seen_seconds))
    into room, version_seen, engines_seen
    from workers where queue = a_queue and state = 'ready' and last_seen_at > started - make_interval(secs => a_seen_seconds);
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
                     and (j.engine is null or (j.engine = any(engines_seen) and coalesce(j.command_version, 1) <= version_seen))
                 order by j.priority desc, j.id limit room)
                union
                (select j.* from jobs j where j.queue = a_queue and j.workspace_id = w.id and j.state = 'queued'
                     and j.run_at <= started and (j.start_before is null or j.start_before > started)
                     and (j.engine is null or (j.engine = any(engines_seen) and coalesce(j.command_version, 1) <= version_seen))
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
        select f.workspace_id, a_queue, max(f.finish_tag) from fair f join moved m on m.id = f.id group by 1
        on conflict (workspace_id, queue) do update set virtual_time = excluded.virtual_time
    ),
    clock as (
        update queue_controls c set virtual_time = t.latest
        from (select max(f.start_tag) as latest from fair f join moved m on m.id = f.id) t
        where c.queue = a_queue and t.latest > c.virtual_time
    )
    select m.id, m.delivery, m.workspace_id from moved m join fair f on f.id = m.id order by f.start_tag, m.priority desc, m.id;
end $$
"""

# With an id: that delivery of that job, or nothing. Without: whichever has been dispatched longest and fits the worker.
CLAIM = """
create function job_claim(
    a_claim_id uuid, a_worker_id text, a_queue text, a_engines text[], a_command_version int, a_lease_seconds float8,
    a_job_id uuid default null, a_delivery bigint default null
) returns setof jobs language plpgsql as $$
declare
    job jobs;
    chosen uuid := a_job_id;
begin
    -- A claim whose answer was lost is repeated with the same claim id and finds its job again.
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

# No row: the fence is stale. A lease that ran out but was not reaped is taken up again: the work is still wanted. Past its deadline a lease is not prolonged, so a hung attempt is lost like a dead one.
HEARTBEAT = """
create function job_heartbeat(a_id uuid, a_epoch bigint, a_claim_id uuid, a_lease_seconds float8)
returns table (is_cancelled boolean, is_draining boolean) language plpgsql as $$
begin
    return query
    with beaten as (
        update jobs set lease_until = greatest(lease_until, least(
            clock_timestamp() + make_interval(secs => a_lease_seconds), deadline_at + make_interval(secs => a_lease_seconds)))
        where id = a_id and epoch = a_epoch and claim_id = a_claim_id and state = 'running'
        returning worker_id, cancel_requested_at
    ),
    seen as (
        update workers w set last_seen_at = clock_timestamp() from beaten b where w.id = b.worker_id
        returning w.state
    )
    select b.cancel_requested_at is not null, coalesce((select s.state = 'draining' from seen s), false) from beaten b;
end $$
"""

# Checked in each transaction of a worker; the lock is held to its commit, so nobody else can get the job before.
HOLDS = """
create function job_holds(a_id uuid, a_epoch bigint, a_claim_id uuid) returns boolean language plpgsql as $$
begin
    perform 1 from jobs where id = a_id and epoch = a_epoch and claim_id = a_claim_id and state = 'running'
    for no key update;
    return found;
end $$
"""

# Each of the three reports answers the state that the job is in by this very claim, or null for a stale fence; repeated
# after an answer that was lost, it changes nothing and answers the same.
FINISH = """
create function job_finish(a_id uuid, a_epoch bigint, a_claim_id uuid, a_worked_seconds float8, a_result jsonb)
returns text language plpgsql as $$
declare
    job jobs;
begin
    update jobs set state = 'succeeded', result = a_result, worked_seconds = worked_seconds + a_worked_seconds,
                    lease_until = null, finished_at = clock_timestamp(), event_number = event_number + 1
    where id = a_id and epoch = a_epoch and claim_id = a_claim_id and state = 'running' returning * into job;
    if not found then
        return (select state from jobs where id = a_id and epoch = a_epoch and claim_id = a_claim_id);
    end if;
    perform job_tell(job, 'JobSucceeded', jsonb_build_object('worked_seconds', job.worked_seconds));
    perform job_settle(job);
    return job.state;
end $$
"""

# A cancel that was asked for beats a retry; without a delay, or after the last attempt, the job has failed.
FAIL = """
create function job_fail(
    a_id uuid, a_epoch bigint, a_claim_id uuid, a_code text, a_message text, a_retry_seconds float8
) returns text language plpgsql as $$
declare
    job jobs;
begin
    update jobs set
        state = case when cancel_requested_at is not null then 'canceled'
                     when a_retry_seconds is null or attempts + 1 >= attempts_max then 'failed' else 'queued' end,
        finished_at = case when cancel_requested_at is not null or a_retry_seconds is null or attempts + 1 >= attempts_max
                           then clock_timestamp() end,
        run_at = clock_timestamp() + make_interval(secs => coalesce(a_retry_seconds, 0)),
        attempts = attempts + 1, lease_until = null, error_code = a_code, error_message = a_message,
        worked_seconds = worked_seconds + extract(epoch from clock_timestamp() - started_at),
        event_number = event_number + 1
    where id = a_id and epoch = a_epoch and claim_id = a_claim_id and state = 'running' returning * into job;
    if not found then
        return (select state from jobs where id = a_id and epoch = a_epoch and claim_id = a_claim_id);
    end if;
    perform job_tell(job, case job.state when 'queued' then 'JobRetried' when 'failed' then 'JobFailed' else 'JobCanceled' end,
                     jsonb_build_object('error_code', a_code, 'retry_seconds', a_retry_seconds));
    if job.state <> 'queued' then
        perform job_settle(job);
    end if;
    return job.state;
end $$
"""

RELEASE = """
create function job_release(a_id uuid, a_epoch bigint, a_claim_id uuid) returns text language plpgsql as $$
declare
    job jobs;
begin
    update jobs set
        state = case when cancel_requested_at is null then 'queued' else 'canceled' end,
        finished_at = case when cancel_requested_at is not null then clock_timestamp() end,
        lease_until = null, run_at = clock_timestamp(), event_number = event_number + 1
    where id = a_id and epoch = a_epoch and claim_id = a_claim_id and state = 'running' returning * into job;
    if not found then
        return (select state from jobs where id = a_id and epoch = a_epoch and claim_id = a_claim_id);
    end if;
    perform job_tell(job, case job.state when 'queued' then 'JobReleased' else 'JobCanceled' end);
    if job.state <> 'queued' then
        perform job_settle(job);
    end if;
    return job.state;
end $$
"""

# The worker tells that its process crashed: the lease ends now, and the reaper does the rest.
GIVE_UP_LEASE = """
create function job_give_up_lease(a_id uuid, a_epoch bigint, a_claim_id uuid, a_message text) returns boolean
language plpgsql as $$
begin
    update jobs set lease_until = clock_timestamp() - interval '1 second', deadline_at = clock_timestamp(),
                    error_code = 'WORKER_LOST', error_message = a_message
    where id = a_id and epoch = a_epoch and claim_id = a_claim_id and state = 'running';
    return found;
end $$
"""

# Leases that ran out: back to the queue with the loss counted, or cancelled where that was asked for. Those that were lost
# too often are left for job_bury, whose caller tells the business in the same transaction.
REAP = """
create function job_reap(a_limit int) returns setof jobs language plpgsql as $$
declare
    job jobs;
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
            perform job_settle(job);
        end if;
        return next job;
    end loop;
end $$
"""

# What job_bury would take now.
DOOMED = """
create function job_doomed(a_limit int) returns setof jobs language sql stable as $$
    select * from jobs where (state = 'running' and lease_until < clock_timestamp() and lost + 1 >= lost_max
                              and cancel_requested_at is null)
    union all
    select * from jobs where state in ('blocked', 'queued', 'dispatched') and start_before <= clock_timestamp()
    limit a_limit
$$
"""

BURY = """
create function job_bury(a_id uuid) returns setof jobs language plpgsql as $$
declare
    job jobs;
begin
    update jobs set
        state = case when state = 'running' then 'dead' else 'aborted' end,
        lost = lost + case when state = 'running' then 1 else 0 end,
        error_code = case when state = 'running' then 'WORKER_LOST' else 'DEADLINE' end,
        error_message = case when state = 'running' then 'Every worker that took this job was lost.'
                             else 'The job could not start in time.' end,
        lease_until = null, finished_at = clock_timestamp(), event_number = event_number + 1
    where id = a_id and (
        (state = 'running' and lease_until < clock_timestamp() and lost + 1 >= lost_max and cancel_requested_at is null)
        or (state in ('blocked', 'queued', 'dispatched') and start_before <= clock_timestamp()))
    returning * into job;
    if found then
        perform job_tell(job, case job.state when 'dead' then 'JobDied' else 'JobAborted' end,
                         jsonb_build_object('worker_id', job.worker_id, 'error_code', job.error_code));
        perform job_settle(job);
        return next job;
    end if;
end $$
"""

# Deliveries that nobody took in time go back to the queue; the next delivery has a new number, so the old hint is void.
RETURN_DELIVERIES = """
create function job_return_deliveries(a_older_seconds float8, a_limit int)
returns table (job_id uuid, delivery bigint, queue text, workspace_id uuid) language plpgsql as $$
#variable_conflict use_column
begin
    return query
    with stale as materialized (
        select id from jobs
        where state = 'dispatched' and dispatched_at <= clock_timestamp() - make_interval(secs => a_older_seconds)
        order by dispatched_at limit a_limit for update skip locked
    )
    update jobs j set state = 'queued' from stale where j.id = stale.id returning j.id, j.delivery, j.queue, j.workspace_id;
end $$
"""

# Answers the state before: what has not started is cancelled now, what runs is asked to stop, what has ended is left alone.
CANCEL = """
create function job_cancel(a_workspace_id uuid, a_id uuid, a_reason text) returns text language plpgsql as $$
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
        perform job_settle(job);
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

CANCEL_SUBJECT = """
create function job_cancel_subject(a_workspace_id uuid, a_subject_id uuid, a_reason text)
returns table (job_id uuid, before text) language plpgsql as $$
begin
    return query
    select j.id, job_cancel(a_workspace_id, j.id, a_reason)
    from (select id from jobs where subject_id = a_subject_id and workspace_id = a_workspace_id and finished_at is null
          order by id) j;
end $$
"""

SEE_WORKER = """
create function worker_see(
    a_id text, a_queue text, a_engines text[], a_command_version int, a_slots int, a_software_version text
) returns boolean language plpgsql as $$
declare
    state_now text;
begin
    insert into workers (id, queue, engines, command_version, slots, software_version)
    values (a_id, a_queue, a_engines, a_command_version, a_slots, a_software_version)
    on conflict (id) do update set queue = excluded.queue, engines = excluded.engines, slots = excluded.slots,
        command_version = excluded.command_version, software_version = excluded.software_version,
        last_seen_at = clock_timestamp()
    returning state into state_now;
    return state_now = 'draining';
end $$
"""

LEAVE_WORKER = """
create function worker_leave(a_id text) returns void language sql as $$ delete from workers where id = a_id $$
"""

# Ended jobs and what they told are kept for a while; streams of the business are kept with their things.
PRUNE = """
create function job_prune(a_days int, a_limit int) returns int language plpgsql as $$
declare
    pruned int;
begin
    with old as materialized (
        select id from jobs where finished_at < clock_timestamp() - make_interval(days => a_days)
        order by finished_at limit a_limit for update skip locked
    ),
    told as (delete from events e using old where e.stream_kind = 'job' and e.stream_id = old.id),
    gone as (delete from jobs j using old where j.id = old.id returning 1)
    select count(*) into pruned from gone;
    delete from workers where last_seen_at < clock_timestamp() - interval '1 day';
    return pruned;
end $$
"""

# Who may call what: the application's role writes jobs down, tells events and cancels; the moves are the jobs' role's.
SHARED_FUNCTIONS = (
    "event_append(text, uuid, uuid, text, jsonb)",
    "job_enqueue(uuid, uuid, text, text, jsonb, jsonb, jsonb)",
    "job_cancel(uuid, uuid, text)",
    "job_cancel_subject(uuid, uuid, text)",
)
SYSTEM_FUNCTIONS = (
    "job_pick(text, int, float8, int)",
    "job_claim(uuid, text, text, text[], int, float8, uuid, bigint)",
    "job_heartbeat(uuid, bigint, uuid, float8)",
    "job_holds(uuid, bigint, uuid)",
    "job_finish(uuid, bigint, uuid, float8, jsonb)",
    "job_fail(uuid, bigint, uuid, text, text, float8)",
    "job_release(uuid, bigint, uuid)",
    "job_give_up_lease(uuid, bigint, uuid, text)",
    "job_reap(int)",
    "job_doomed(int)",
    "job_bury(uuid)",
    "job_return_deliveries(float8, int)",
    "worker_see(text, text, text[], int, int, text)",
    "worker_leave(text)",
    "job_prune(int, int)",
)
INNER_FUNCTIONS = ("job_tell(jobs, text, jsonb)", "job_settle(jobs)")

# A function that runs as the owner is not held back by row-level security, so it asks itself whose rows it touches.
OWN_WORKSPACE = """
create function must_be_own_workspace(a_workspace_id uuid) returns void language plpgsql as $$
begin
    if session_user <> 'lab_app' or a_workspace_id = nullif(current_setting('lab.workspace_id', true), '')::uuid then
        return;
    end if;
    raise exception 'not the workspace of this transaction' using errcode = 'insufficient_privilege';
end $$
"""


def guarded(definition: str) -> str:
    """Let the first statement of a shared function refuse another workspace's rows."""
    return definition.replace("\nbegin\n", "\nbegin\n    perform must_be_own_workspace(a_workspace_id);\n", 1)


def upgrade() -> None:
    run_file(Path(__file__).with_suffix(".sql"))
    op.execute("insert into queue_controls (queue) values ('internal'), ('cpu'), ('gpu')")
    # Every move updates a job: vacuum early, or the partial indexes fill with dead entries.
    op.execute("alter table jobs set (autovacuum_vacuum_scale_factor = 0.01, fillfactor = 80)")
    for name in WORKSPACE_TABLES:
        op.execute(f"alter table {name} enable row level security")
        op.execute(
            f"create policy workspace on {name} to lab_app "
            "using (workspace_id = nullif(current_setting('lab.workspace_id', true), '')::uuid)"
        )
        op.execute(f"create policy everything on {name} to lab_system using (true)")
    for name in GUARDED_TABLES:
        op.execute(f"revoke insert, update, delete on {name} from lab_app, lab_system")
    op.execute("revoke select on workers, queue_controls, job_dependencies from lab_app")
    inner = (OWN_WORKSPACE, TELL, SETTLE)
    shared = (EVENT_APPEND, ENQUEUE, CANCEL, CANCEL_SUBJECT)
    moves = (PICK, CLAIM, HEARTBEAT, HOLDS, FINISH, FAIL, RELEASE, GIVE_UP_LEASE, REAP, DOOMED, BURY, RETURN_DELIVERIES)
    for definition in (*inner, *map(guarded, shared), *moves, SEE_WORKER, LEAVE_WORKER, PRUNE):
        op.execute(definition.replace(":", r"\:"))
    for signature in (*INNER_FUNCTIONS, *SHARED_FUNCTIONS, *SYSTEM_FUNCTIONS):
        op.execute(f"revoke execute on function {signature} from public")
    for signature in (*SHARED_FUNCTIONS, *SYSTEM_FUNCTIONS):
        op.execute(f"alter function {signature} security definer set search_path = public, pg_temp")
        op.execute(f"grant execute on function {signature} to lab_system")
    for signature in SHARED_FUNCTIONS:
        op.execute(f"grant execute on function {signature} to lab_app")


def downgrade() -> None:
    for signature in (*SHARED_FUNCTIONS, *SYSTEM_FUNCTIONS, "job_settle(jobs)", "job_tell(jobs, text, jsonb)"):
        op.execute(f"drop function {signature}")
    op.execute("drop function must_be_own_workspace(uuid)")
    for name in reversed(TABLES):
        op.execute(f"drop table {name} cascade")
