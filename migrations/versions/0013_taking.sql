-- What a job's move tells of it.
create function job_story(a_kind text, a_epoch bigint, a_attempts int, a_lost int, a_requeues int, a_more jsonb)
returns jsonb language sql stable as $$
    select jsonb_build_object('kind', a_kind, 'epoch', a_epoch, 'attempts', a_attempts, 'lost', a_lost)
           || case when a_requeues > 0 then jsonb_build_object('requeues', a_requeues) else '{}' end || a_more
$$

create or replace function job_tell(job jobs, name text, more jsonb default '{}') returns void language sql as $$
    insert into events (stream_kind, stream_id, number, workspace_id, name, xid, data)
    values ('job', job.id, job.event_number, job.workspace_id, name,
            event_told_under('job', job.id, job.event_number),
            job_story(job.kind, job.epoch, job.attempts, job.lost, job.requeues, more))
$$

-- Charges the workspaces what they were given, on top of what stands now: a job that ended since the pick looked has
-- corrected it. The shares are locked in one order, and after all jobs.
create function pick_charge(a_queue text, a_floor float8, a_spaces uuid[], a_costs float8[]) returns void
language plpgsql as $$
begin
    insert into workspace_shares as s (workspace_id, queue, virtual_time)
    select c.space, a_queue, a_floor + sum(c.cost) from unnest(a_spaces, a_costs) as c(space, cost) group by 1 order by 1
    on conflict (workspace_id, queue) do update
    set virtual_time = greatest(s.virtual_time, a_floor) + (excluded.virtual_time - a_floor);
    update job_lanes l set virtual_time = (
        select s.virtual_time from workspace_shares s where s.workspace_id = l.workspace_id and s.queue = a_queue)
    where l.queue = a_queue and l.workspace_id = any(a_spaces);
end $$

-- Pick and claim in one: up to one job for each claim id goes from the queue to the worker that asks, in the fair order, under
-- the caps, and with the same lock as the pick, so that one at a time gives out. What a dispatcher has given out comes first.
-- A job that was lost twice runs alone: when it is its turn, the worker takes nothing else, and it only when nothing runs there.
-- An answer that was lost is asked for again with the same claim ids.
create function job_take(
    a_claim_ids uuid[], a_worker_id text, a_queue text, a_engines text[], a_command_version int, a_lease_seconds float8
) returns setof jobs language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
    started timestamptz := clock_timestamp();
    known text[] := worker_knows(a_engines, a_command_version);
    warm_keys text[];
    cap int;
    floor_time float8;
    room int;
    spaces uuid[];
    needed text[];
    chosen uuid[];
    chosen_spaces uuid[];
    chosen_needs text[];
    costs float8[];
    tags float8[];
    are_alone boolean[];
    is_busy boolean;
    alone int;
begin
    perform pg_advisory_xact_lock(hashtextextended('jobs.claim.' || a_claim_ids[1], 0));
    if exists (select from jobs where claim_id = any(a_claim_ids) and worker_id = a_worker_id and state = 'running')
    or exists (select from jobs where queue = a_queue and state = 'dispatched' and cancel_requested_at is null
               and needs = any(known) and (start_before is null or start_before > clock_timestamp())) then
        return query select * from job_claim_many(
            a_claim_ids, a_worker_id, a_queue, a_engines, a_command_version, a_lease_seconds);
        return;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('jobs.pick.' || a_queue, 0));
    if exists (select from jobs where queue = a_queue and state = 'queued' and not is_due and run_at <= started) then
        perform pick_due(a_queue, 500);
    end if;
    perform pick_take_notes(a_queue, 1000);
    perform set_config('lab.arrived', '', true);
    select coalesce(running_max, 1000000), virtual_time into cap, floor_time
    from queue_controls where queue = a_queue and not is_paused;
    if not found then
        return;
    end if;
    room := least(cardinality(a_claim_ids),
                  cap - (select count(*) from jobs where queue = a_queue and state in ('dispatched', 'running')));
    if room <= 0 then
        return;
    end if;
    select warm into warm_keys from workers where id = a_worker_id and state = 'ready' for key share;
    if not found or exists (select from jobs where worker_id = a_worker_id and state = 'running' and lost >= 2) then
        return;
    end if;
    for turn in 1..5 loop
        select array_agg(l.workspace_id), array_agg(l.needs) into spaces, needed from pick_lanes(a_queue, known, room + 16) l;
        exit when spaces is null or pick_clear(a_queue, spaces, needed) = 0;
    end loop;
    if spaces is null then
        return;
    end if;
    with fair as materialized (
        select f.*, row_number() over () as place from pick_fair(a_queue, spaces, needed, warm_keys, room) f
    ),
    locked as materialized (
        select j.id, j.lost from jobs j where j.id = any(array(select f.id from fair f)) and j.state = 'queued'
        for update skip locked
    )
    select array_agg(f.id order by f.place), array_agg(f.workspace_id order by f.place), array_agg(f.needs order by f.place),
           array_agg(f.cost order by f.place), array_agg(f.start_tag order by f.place), array_agg(l.lost >= 2 order by f.place)
    into chosen, chosen_spaces, chosen_needs, costs, tags, are_alone from fair f join locked l on l.id = f.id;
    alone := array_position(are_alone, true);
    if alone = 1 then
        perform 1 from workers where id = a_worker_id for update;
        alone := case when exists (select from jobs where worker_id = a_worker_id and state = 'running') then 1 else 2 end;
    end if;
    room := coalesce(alone - 1, cardinality(chosen), 0);
    if room = 0 then
        return;
    end if;
    return query
    with moved as (
        update jobs j set
            state = 'running', delivery = j.delivery + 1, dispatched_at = clock_timestamp(), epoch = j.epoch + 1,
            claim_id = a_claim_ids[array_position(chosen, j.id)], worker_id = a_worker_id, started_at = clock_timestamp(),
            lease_until = clock_timestamp() + make_interval(secs => a_lease_seconds),
            deadline_at = clock_timestamp() + make_interval(secs => j.deadline_seconds), event_number = j.event_number + 1
        where j.id = any(chosen[:room]) returning j.*
    ),
    told as (
        insert into events (stream_kind, stream_id, number, workspace_id, name, xid, data)
        select 'job', m.id, m.event_number, m.workspace_id, 'JobStarted',
               greatest(pg_current_xact_id(), (select e.xid from events e where e.stream_kind = 'job' and e.stream_id = m.id
                                               and e.number = m.event_number - 1)),
               job_story(m.kind, m.epoch, m.attempts, m.lost, m.requeues, jsonb_build_object('worker_id', a_worker_id))
        from moved m
    )
    select * from moved m order by array_position(chosen, m.id);
    update queue_controls set virtual_time = tags[room] where queue = a_queue and virtual_time < tags[room];
    perform pick_charge(a_queue, floor_time, chosen_spaces[:room], costs[:room]);
    perform pick_clear(a_queue, spaces, needed);
end $$

-- Ends jobs that leave nothing but their success, each under its own fence; answers those that it ended. A job that others
-- wait for is left to job_finish: so no row is locked here but the jobs' own, in one order, and then the shares.
create or replace function job_finish_many(a_ids uuid[], a_epochs bigint[], a_claim_ids uuid[], a_worked_seconds float8[])
returns setof uuid language plpgsql security definer set search_path = public, pg_temp as $$
declare
    ended uuid[];
begin
    perform 1 from jobs where id = any(a_ids) order by id for no key update;
    with moved as (
        update jobs j set state = 'succeeded', result = '{}', worked_seconds = j.worked_seconds + asked.worked,
                          lease_until = null, finished_at = clock_timestamp(), event_number = j.event_number + 1
        from unnest(a_ids, a_epochs, a_claim_ids, a_worked_seconds) as asked(id, epoch, claim_id, worked)
        where j.id = asked.id and j.epoch = asked.epoch and j.claim_id = asked.claim_id and j.state = 'running'
          and not exists (select from job_dependencies d where d.waits_for = j.id)
        returning j.*
    ),
    told as (
        insert into events (stream_kind, stream_id, number, workspace_id, name, xid, data)
        select 'job', m.id, m.event_number, m.workspace_id, 'JobSucceeded',
               greatest(pg_current_xact_id(), (select e.xid from events e where e.stream_kind = 'job' and e.stream_id = m.id
                                               and e.number = m.event_number - 1)),
               job_story(m.kind, m.epoch, m.attempts, m.lost, m.requeues, jsonb_build_object('worked_seconds', m.worked_seconds))
        from moved m
    )
    select array_agg(m.id) into ended from moved m;
    perform job_account(ended);
    return query select unnest(ended);
end $$
