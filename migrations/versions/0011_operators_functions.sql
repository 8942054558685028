-- What operators move. Each writes, in its own transaction, who did it, why, and how it was before; nothing is written where
-- nothing was moved.

-- A job that was taken up again tells which time this is, so that its stream has one end for each.
create or replace function job_tell(job jobs, name text, more jsonb default '{}') returns void language sql as $$
    insert into events (stream_kind, stream_id, number, workspace_id, name, xid, data)
    values ('job', job.id, job.event_number, job.workspace_id, name,
            event_told_under('job', job.id, job.event_number),
            jsonb_build_object('kind', job.kind, 'epoch', job.epoch, 'attempts', job.attempts, 'lost', job.lost)
            || case when job.requeues > 0 then jsonb_build_object('requeues', job.requeues) else '{}' end || more)
$$

-- Every delivery charged the estimate; those of earlier rounds were accounted for when those ended.
create or replace function job_account(a_ids uuid[]) returns void language plpgsql as $$
begin
    if cardinality(a_ids) > 1 then
        perform 1 from workspace_shares s
        where (s.workspace_id, s.queue) in (select j.workspace_id, j.queue from jobs j where j.id = any(a_ids))
        order by s.workspace_id, s.queue for no key update;
    end if;
    update workspace_shares s set virtual_time = s.virtual_time + owed.seconds / w.weight
    from (select j.workspace_id, j.queue,
                 sum(j.worked_seconds - (j.delivery - j.settled_deliveries) * j.estimated_seconds) as seconds
          from jobs j where j.id = any(a_ids) and j.delivery > j.settled_deliveries group by 1, 2) owed
    join workspaces w on w.id = owed.workspace_id
    where s.workspace_id = owed.workspace_id and s.queue = owed.queue and owed.seconds <> 0;
    insert into pick_notes (queue, workspace_id)
    select distinct j.queue, j.workspace_id from jobs j where j.id = any(a_ids) and j.delivery > j.settled_deliveries
    and j.worked_seconds <> (j.delivery - j.settled_deliveries) * j.estimated_seconds;
end $$

create function operator_note(a_operator text, a_action text, a_target text, a_reason text, a_before jsonb) returns void
language sql as $$
    insert into operator_actions (operator, action, target, reason, before)
    values (a_operator, a_action, a_target, a_reason, a_before)
$$

create function job_snapshot(job jobs) returns jsonb language sql as $$
    select jsonb_build_object('state', job.state, 'epoch', job.epoch, 'attempts', job.attempts, 'lost', job.lost,
        'worker_id', job.worker_id, 'error_code', job.error_code, 'error_message', job.error_message,
        'finished_at', job.finished_at)
$$

-- Answers the state before, or DEPENDENCY where what it waits for has ended without success; moved from failed, dead and
-- aborted only. The epoch and the number of the delivery go on, so that whatever was sent before is void.
create function job_requeue(a_operator text, a_reason text, a_id uuid) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    job jobs;
    before jobs;
    open_waits int;
begin
    select * into before from jobs where id = a_id for no key update;
    if not found or before.state not in ('failed', 'dead', 'aborted') then
        return before.state;
    end if;
    perform 1 from jobs where id in (select waits_for from job_dependencies where job_id = a_id) order by id for no key update;
    if exists (select from job_dependencies d join jobs j on j.id = d.waits_for
               where d.job_id = a_id and j.state in ('failed', 'canceled', 'aborted', 'dead')) then
        return 'DEPENDENCY';
    end if;
    select count(*) into open_waits from job_dependencies d join jobs j on j.id = d.waits_for
    where d.job_id = a_id and j.state <> 'succeeded';
    update jobs set
        state = case when open_waits > 0 then 'blocked' else 'queued' end, waiting_on = open_waits,
        requeues = requeues + 1, settled_deliveries = delivery, attempts = 0, lost = 0, worked_seconds = 0,
        run_at = clock_timestamp(), start_before = null, finished_at = null, dispatched_at = null, started_at = null,
        deadline_at = null, worker_id = null, claim_id = null, cancel_requested_at = null, cancel_reason = '',
        aside_reason = null, error_code = null, error_message = null, event_number = event_number + 1
    where id = a_id returning * into job;
    perform job_tell(job, 'JobRequeued', jsonb_build_object('before', before.state));
    perform operator_note(a_operator, 'retry_job', 'job:' || a_id, a_reason, job_snapshot(before));
    return before.state;
end $$

-- Takes the job out of the running at once: what has not started is given to nobody any more, what runs is fenced. The reaper
-- then ends it as dead and tells the business, in one transaction. Answers the state before; a job that has ended stays so.
create function job_set_aside(a_operator text, a_reason text, a_id uuid) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    before jobs;
begin
    select * into before from jobs where id = a_id for no key update;
    if before.state in ('blocked', 'queued', 'dispatched') and before.aside_reason is null then
        update jobs set aside_reason = a_reason, start_before = clock_timestamp() where id = a_id;
    elsif before.state = 'running' and before.aside_reason is null and before.cancel_requested_at is null then
        -- The epoch rises with the new claim id, so no report of the worker counts; the lease is over for the reaper.
        update jobs set aside_reason = a_reason, epoch = epoch + 1, claim_id = gen_random_uuid(),
                        lost = greatest(lost, lost_max - 1), lease_until = clock_timestamp() - interval '1 second',
                        worked_seconds = worked_seconds + extract(epoch from clock_timestamp() - started_at)
        where id = a_id;
    elsif before.state = 'running' and before.cancel_requested_at is not null then
        return 'CANCELING';
    else
        return before.state;
    end if;
    perform operator_note(a_operator, 'set_job_aside', 'job:' || a_id, a_reason, job_snapshot(before));
    return before.state;
end $$

create or replace function job_bury(a_id uuid) returns setof jobs
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    job jobs;
begin
    update jobs set
        state = case when state = 'running' or aside_reason is not null then 'dead' else 'aborted' end,
        lost = lost + case when state = 'running' and aside_reason is null then 1 else 0 end,
        error_code = case when aside_reason is not null then 'SET_ASIDE' when state = 'running' then 'WORKER_LOST' else 'DEADLINE' end,
        error_message = case when aside_reason is not null then aside_reason
                             when state = 'running' then 'Every worker that took this job was lost.'
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

-- Answers how many deliveries went back to the queue, or null for a queue that there is not. The pick's lock comes first: a pick
-- that is under way ends before, and none begins.
create function queue_pause(a_operator text, a_reason text, a_queue text) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    was_paused boolean;
    returned int;
begin
    perform pg_advisory_xact_lock(hashtextextended('jobs.pick.' || a_queue, 0));
    with unclaimed as materialized (
        select id from jobs where queue = a_queue and state = 'dispatched' order by dispatched_at for update skip locked
    )
    update jobs j set state = 'queued' from unclaimed where j.id = unclaimed.id;
    get diagnostics returned = row_count;
    select is_paused into was_paused from queue_controls where queue = a_queue for update;
    if not found then
        return null;
    end if;
    update queue_controls set is_paused = true where queue = a_queue;
    perform operator_note(a_operator, 'pause_queue', 'queue:' || a_queue, a_reason,
                          jsonb_build_object('is_paused', was_paused, 'returned', returned));
    return returned;
end $$

create function queue_resume(a_operator text, a_reason text, a_queue text) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    was_paused boolean;
begin
    perform pg_advisory_xact_lock(hashtextextended('jobs.pick.' || a_queue, 0));
    select is_paused into was_paused from queue_controls where queue = a_queue for update;
    if found then
        update queue_controls set is_paused = false where queue = a_queue;
        perform operator_note(a_operator, 'resume_queue', 'queue:' || a_queue, a_reason,
                              jsonb_build_object('is_paused', was_paused));
    end if;
    return was_paused is not null;
end $$

-- The worker hears of it when it asks next, or at its next heartbeat.
create function worker_set_state(a_operator text, a_reason text, a_id text, a_state text) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    before text;
begin
    select state into before from workers where id = a_id for no key update;
    if found then
        update workers set state = a_state where id = a_id;
        perform operator_note(a_operator, case a_state when 'draining' then 'drain_worker' else 'resume_worker' end,
                              'worker:' || a_id, a_reason, jsonb_build_object('state', before));
    end if;
    return before;
end $$

-- Answers false where nobody has the address, or it was so before.
create function operator_grant(a_operator text, a_reason text, a_email text) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into operators (user_id) select id from users where email = a_email on conflict do nothing;
    if found then
        perform operator_note(a_operator, 'grant_operator', 'user:' || a_email, a_reason, '{}');
        return true;
    end if;
    return false;
end $$

create function operator_revoke(a_operator text, a_reason text, a_email text) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    delete from operators o using users u where u.id = o.user_id and u.email = a_email;
    if found then
        perform operator_note(a_operator, 'revoke_operator', 'user:' || a_email, a_reason, '{}');
        return true;
    end if;
    return false;
end $$
