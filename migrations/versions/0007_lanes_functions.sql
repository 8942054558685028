-- Invariant: a lane (queue, workspace, what its jobs need) that has a queued job which is due is either marked as waiting, or
-- a note of it lies in pick_notes, written in the transaction that queued the job. Only the pick writes lanes, one picker at
-- a time; all others leave notes, so that nobody waits for a lane.

-- What a job needs its worker to know: an engine's commands or, in the jobs process, a kind of job, and which version of it.
create function job_prepare() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
    new.is_due := new.run_at <= clock_timestamp();
    if tg_op = 'INSERT' then
        new.needs := case when new.engine is not null then new.engine || '@' || coalesce(new.command_version, 1)
                          when new.queue = 'internal' then new.kind || '@' || coalesce(new.command_version, 1) else '' end;
    end if;
    return new;
end $$

create trigger job_prepare before insert or update of state, run_at on jobs
for each row when (new.state = 'queued') execute function job_prepare()

-- The key share lock is held to the commit: the pick clears no lane's mark over it, and a lane that is marked needs no note.
-- Nobody waits here: a lane that the pick is about to clear gets a note. One look a lane and transaction is enough, so that a
-- thousand jobs written at once leave one note.
create function job_arrive() returns trigger language plpgsql as $$
declare
    lane text := new.queue || ' ' || new.workspace_id || ' ' || new.needs;
    is_marked boolean;
begin
    if current_setting('lab.arrived', true) = lane then
        return null;
    end if;
    select l.is_waiting into is_marked from job_lanes l
    where l.queue = new.queue and l.workspace_id = new.workspace_id and l.needs = new.needs
    for key share skip locked;
    if is_marked is not true then
        insert into pick_notes (queue, workspace_id, needs) values (new.queue, new.workspace_id, new.needs);
    end if;
    perform set_config('lab.arrived', lane, true);
    return null;
end $$

create trigger job_arrive after insert or update of state, run_at, is_due on jobs
for each row when (new.state = 'queued' and new.is_due) execute function job_arrive()

-- What a worker may be given: its engines' commands up to its version, kinds that it names with their version, and what
-- needs nothing. A newer version, or what it has never heard of, stays for a worker that knows it.
create function worker_knows(a_engines text[], a_command_version int) returns text[] language sql immutable as $$
    select array_agg(distinct known.needs) from (
        select '' as needs
        union all
        select case when position('@' in e.name) > 0 then e.name else e.name || '@' || v.version end
        from unnest(a_engines) as e(name), generate_series(1, greatest(1, a_command_version)) as v(version)
    ) known
$$

create function worker_see(
    a_id text, a_queue text, a_engines text[], a_command_version int, a_slots int, a_software_version text,
    a_warm text[] default '{}'
) returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
    state_now text;
begin
    insert into workers (id, queue, engines, command_version, slots, software_version, knows, warm)
    values (a_id, a_queue, a_engines, a_command_version, a_slots, a_software_version,
            worker_knows(a_engines, a_command_version), a_warm)
    on conflict (id) do update set queue = excluded.queue, engines = excluded.engines, slots = excluded.slots,
        command_version = excluded.command_version, software_version = excluded.software_version,
        knows = excluded.knows, warm = excluded.warm, last_seen_at = clock_timestamp()
    returning state into state_now;
    return state_now = 'draining';
end $$

create or replace function job_enqueue(
    a_id uuid, a_workspace_id uuid, a_kind text, a_queue text, a_payload jsonb, a_inputs jsonb, a_options jsonb
) returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
    job jobs;
    waits uuid[] := array(select jsonb_array_elements_text(coalesce(a_options -> 'waits_for', '[]'))::uuid);
    open_waits int;
begin
    perform must_be_own_workspace(a_workspace_id);
    insert into jobs (id, workspace_id, kind, queue, payload, inputs, engine, command_version, affinity, subject_id, priority,
                      idempotency_key, attempts_max, deadline_seconds, estimated_seconds, run_at, start_before,
                      event_number)
    values (a_id, a_workspace_id, a_kind, a_queue, a_payload, a_inputs, a_payload #>> '{command,engine}',
            coalesce((a_payload #>> '{command,version}')::int, (a_options ->> 'version')::int),
            a_options ->> 'affinity', (a_options ->> 'subject_id')::uuid, (a_options ->> 'priority')::smallint,
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

-- Every delivery charged the estimate. The shares are locked in one order, and after all jobs; a note lets the next pick
-- see the lanes in their new order.
create or replace function job_account(a_ids uuid[]) returns void language plpgsql as $$
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
    where s.workspace_id = owed.workspace_id and s.queue = owed.queue and owed.seconds <> 0;
    insert into pick_notes (queue, workspace_id)
    select distinct j.queue, j.workspace_id from jobs j where j.id = any(a_ids) and j.delivery > 0
    and j.worked_seconds <> j.delivery * j.estimated_seconds;
end $$

-- The functions of the pick look rows up by their keys, one by one or by arrays of keys, and never join tables that grow:
-- statistics are stale whenever a backlog has just come or gone, and a join planned by them would look through all of it.

-- What was postponed and is due now joins its lane. The moment is a variable because clock_timestamp() is volatile, and no
-- index is searched by what may change from row to row.
create function pick_due(a_queue text, a_limit int) returns void language plpgsql as $$
declare
    started timestamptz := clock_timestamp();
begin
    update jobs set is_due = true where id = any(array(
        select id from jobs where queue = a_queue and state = 'queued' and not is_due and run_at <= started
        order by run_at limit a_limit for update skip locked));
end $$

create function pick_take_notes(a_queue text, a_limit int) returns void language plpgsql as $$
declare
    note record;
begin
    for note in
        with taken as (
            delete from pick_notes where queue = a_queue and id = any(array(
                select id from pick_notes where queue = a_queue order by id limit a_limit for update skip locked))
            returning workspace_id, needs
        )
        select t.workspace_id as space, bool_or(t.needs is null) as is_corrected,
               array_agg(distinct t.needs) filter (where t.needs is not null) as needed
        from taken t group by 1 order by 1
    loop
        if note.is_corrected then
            update job_lanes set virtual_time = s.virtual_time
            from (select virtual_time from workspace_shares where workspace_id = note.space and queue = a_queue) s
            where queue = a_queue and workspace_id = note.space;
        end if;
        insert into job_lanes (queue, workspace_id, needs, virtual_time, is_waiting)
        select a_queue, note.space, each.needs, coalesce((
                   select s.virtual_time from workspace_shares s where s.workspace_id = note.space and s.queue = a_queue), 0), true
        from unnest(note.needed) as each(needs) where exists (select from workspaces w where w.id = note.space)
        on conflict (queue, workspace_id, needs) do update set is_waiting = true;
    end loop;
end $$

-- The lanes whose turn it is, by what the workers know: those of least fair time that are not at their workspace's cap.
create function pick_lanes(a_queue text, a_known text[], a_limit int)
returns table (workspace_id uuid, needs text) language plpgsql stable as $$
#variable_conflict use_column
declare
    capped uuid[] := array(
        select a.workspace_id from (
            select j.workspace_id, count(*) as n from jobs j
            where j.queue = a_queue and j.state in ('dispatched', 'running') group by 1
        ) a where a.n >= (select w.running_max from workspaces w where w.id = a.workspace_id));
begin
    return query
    select near.workspace_id, near.needs from unnest(a_known) as k(needs) cross join lateral (
        select l.workspace_id, l.needs from job_lanes l
        where l.queue = a_queue and l.needs = k.needs and l.is_waiting and l.workspace_id <> all(capped)
        order by l.virtual_time limit a_limit
    ) near;
end $$

-- Takes the mark off lanes that have nothing due; answers how many. The lock comes first and the last look after it: whoever
-- queues a job holds a key share lock on its lane, so a lane that is about to get one is passed over.
create function pick_clear(a_queue text, a_spaces uuid[], a_needs text[]) returns int language plpgsql as $$
declare
    cleared int := 0;
begin
    for place in 1..cardinality(a_spaces) loop
        continue when exists (
            select from jobs where queue = a_queue and workspace_id = a_spaces[place] and needs = a_needs[place]
            and state = 'queued' and is_due);
        perform 1 from job_lanes where queue = a_queue and workspace_id = a_spaces[place] and needs = a_needs[place]
        and is_waiting for update skip locked;
        continue when not found;
        update job_lanes set is_waiting = false
        where queue = a_queue and workspace_id = a_spaces[place] and needs = a_needs[place] and not exists (
            select from jobs where queue = a_queue and workspace_id = a_spaces[place] and needs = a_needs[place]
            and state = 'queued' and is_due);
        cleared := cleared + case when found then 1 else 0 end;
    end loop;
    return cleared;
end $$

-- Start-time fair queueing over some lanes: each candidate's start tag is its workspace's fair time plus what the same
-- workspace's better candidates are estimated to take; a workspace back from idleness starts at the queue's time.
create function pick_fair(a_queue text, a_spaces uuid[], a_needs text[], a_warm text[], a_room int)
returns table (id uuid, workspace_id uuid, needs text, start_tag float8, cost float8) language plpgsql as $$
#variable_conflict use_column
declare
    started timestamptz := clock_timestamp();
    floor_time float8 := (select virtual_time from queue_controls where queue = a_queue);
    -- Affinity looks a little further than there is room.
    ahead int := case when cardinality(a_warm) > 0 then 32 else 0 end;
begin
    return query
    with active as materialized (
        select j.workspace_id, count(*) as n from jobs j
        where j.queue = a_queue and j.state in ('dispatched', 'running') group by 1
    ),
    lanes as materialized (
        select l.workspace_id, l.needs, w.weight, w.running_max, coalesce(a.n, 0) as n,
               greatest(coalesce(s.virtual_time, 0), floor_time) as fair_time,
               greatest(0, least(a_room, w.running_max - coalesce(a.n, 0))) + ahead as wanted
        from unnest(a_spaces, a_needs) as l(workspace_id, needs)
        cross join lateral (select weight, running_max from workspaces where id = l.workspace_id offset 0) w
        left join lateral (select n from active where workspace_id = l.workspace_id) a on true
        left join lateral (
            select virtual_time from workspace_shares where workspace_id = l.workspace_id and queue = a_queue offset 0) s on true
    ),
    candidates as materialized (
        select l.*, q.id, q.affinity, q.rank_priority, q.estimated_seconds / l.weight as cost
        from lanes l cross join lateral (
            -- The best, and the oldest: a job gains one point of priority in ten minutes, so none starves.
            select u.id, u.affinity, u.estimated_seconds,
                   u.priority + floor(extract(epoch from started - u.created_at) / 600) as rank_priority
            from (
                (select j.id, j.affinity, j.estimated_seconds, j.priority, j.created_at from jobs j
                 where j.queue = a_queue and j.workspace_id = l.workspace_id and j.needs = l.needs
                   and j.state = 'queued' and j.is_due and (j.start_before is null or j.start_before > started)
                 order by j.priority desc, j.id limit l.wanted)
                union
                (select j.id, j.affinity, j.estimated_seconds, j.priority, j.created_at from jobs j
                 where j.queue = a_queue and j.workspace_id = l.workspace_id and j.needs = l.needs
                   and j.state = 'queued' and j.is_due and (j.start_before is null or j.start_before > started)
                 order by j.id limit l.wanted)
            ) u
        ) q
    ),
    -- What a worker is warm for goes first among equals, and never from behind the 32 best of its workspace.
    placed as (
        select c.*, coalesce(c.affinity = any(a_warm), false)
            and row_number() over (partition by c.workspace_id order by c.rank_priority desc, c.id) <= 32 as is_warm
        from candidates c
    ),
    ranked as (
        select p.*, row_number() over best as rn,
               coalesce(sum(p.cost) over (best rows between unbounded preceding and 1 preceding), 0) as before
        from placed p window best as (partition by p.workspace_id order by p.rank_priority desc, p.is_warm desc, p.id)
    )
    select r.id, r.workspace_id, r.needs, r.fair_time + r.before, r.cost
    from ranked r where r.n + r.rn <= r.running_max
    order by r.fair_time + r.before, r.rank_priority desc, r.id limit a_room;
end $$

-- One picker at a time: the lock is its own statement before the pick, because SKIP LOCKED alone cannot keep a window or a
-- cap that is shared by all. No more than `room` lanes can have a turn, and no more than its workspace's cap of each, so the
-- backlog is never looked through.
create or replace function job_pick(a_queue text, a_lookahead int, a_seen_seconds float8, a_limit int)
returns table (job_id uuid, delivery bigint, workspace_id uuid) language plpgsql
security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
    started timestamptz := clock_timestamp();
    cap int;
    floor_time float8;
    known text[];
    warm_keys text[];
    room int;
    spaces uuid[];
    needed text[];
    fair record;
    served record;
    charges jsonb := '{}';
begin
    if not pg_try_advisory_xact_lock(hashtextextended('jobs.pick.' || a_queue, 0)) then
        return;
    end if;
    perform pick_due(a_queue, 500);
    perform pick_take_notes(a_queue, 1000);
    perform set_config('lab.arrived', '', true);
    select coalesce(running_max, 1000000), virtual_time into cap, floor_time from queue_controls where queue = a_queue and not is_paused;
    if not found then
        return;
    end if;
    select coalesce(sum(w.slots + least(a_lookahead, w.slots)), 0) into room from workers w
    where w.queue = a_queue and w.state = 'ready' and w.last_seen_at > started - make_interval(secs => a_seen_seconds);
    room := least(room, cap) - (select count(*) from jobs where queue = a_queue and state in ('dispatched', 'running'));
    room := least(a_limit, room);
    if room <= 0 then
        return;
    end if;
    select array(select distinct unnest(w.knows) from workers w where w.queue = a_queue and w.state = 'ready'
                 and w.last_seen_at > started - make_interval(secs => a_seen_seconds)),
           array(select distinct unnest(w.warm) from workers w where w.queue = a_queue and w.state = 'ready'
                 and w.last_seen_at > started - make_interval(secs => a_seen_seconds)) into known, warm_keys;
    -- Lanes that turn out to be empty make way for the next, a few times; the extra ones are for what is left of them.
    for turn in 1..5 loop
        select array_agg(l.workspace_id), array_agg(l.needs) into spaces, needed from pick_lanes(a_queue, known, room + 16) l;
        exit when spaces is null or pick_clear(a_queue, spaces, needed) = 0;
    end loop;
    if spaces is null then
        return;
    end if;
    for fair in select * from pick_fair(a_queue, spaces, needed, warm_keys, room) loop
        perform 1 from jobs where id = fair.id and state = 'queued' for update skip locked;
        continue when not found;
        update jobs set state = 'dispatched', delivery = delivery + 1, dispatched_at = clock_timestamp()
        where id = fair.id returning delivery into delivery;
        update queue_controls set virtual_time = fair.start_tag where queue = a_queue and virtual_time < fair.start_tag;
        charges := charges || jsonb_build_object(
            fair.workspace_id, coalesce((charges ->> fair.workspace_id::text)::float8, 0) + fair.cost);
        spaces := spaces || fair.workspace_id;
        needed := needed || fair.needs;
        job_id := fair.id;
        workspace_id := fair.workspace_id;
        return next;
    end loop;
    -- Charged on top of what stands now: a job that ended since the pick looked has corrected it.
    for served in select key::uuid as space, value::float8 as cost from jsonb_each_text(charges) order by 1 loop
        insert into workspace_shares as s (workspace_id, queue, virtual_time)
        values (served.space, a_queue, floor_time + served.cost)
        on conflict (workspace_id, queue) do update set virtual_time = greatest(s.virtual_time, floor_time) + served.cost;
        update job_lanes set virtual_time = s.virtual_time
        from (select virtual_time from workspace_shares where workspace_id = served.space and queue = a_queue) s
        where queue = a_queue and workspace_id = served.space;
    end loop;
    perform pick_clear(a_queue, spaces, needed);
end $$

-- With an id: that delivery of that job, or nothing. Without: whichever has been dispatched longest and fits the worker.
-- A job that was lost twice runs alone in its worker: a process with other jobs takes nothing while such a one waits, and one
-- that has it takes nothing else. Claims share the worker's row, the claim of such a job has it for itself.
create or replace function job_claim(
    a_claim_id uuid, a_worker_id text, a_queue text, a_engines text[], a_command_version int, a_lease_seconds float8,
    a_job_id uuid default null, a_delivery bigint default null
) returns setof jobs language plpgsql security definer set search_path = public, pg_temp as $$
declare
    job jobs;
    chosen jobs;
    known text[] := worker_knows(a_engines, a_command_version);
    is_busy boolean;
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
    is_busy := exists (select from jobs where worker_id = a_worker_id and state = 'running');
    if is_busy and exists (
        select from jobs where queue = a_queue and state = 'dispatched' and lost >= 2 and needs = any(known)
        and cancel_requested_at is null and (start_before is null or start_before > clock_timestamp())) then
        return;
    end if;
    if a_job_id is not null then
        -- Waits for another claim of the same delivery, which may be undone.
        select * into chosen from jobs
        where id = a_job_id and queue = a_queue and state = 'dispatched' and (a_delivery is null or delivery = a_delivery)
          and cancel_requested_at is null and needs = any(known) and (start_before is null or start_before > clock_timestamp())
        for update;
    else
        select * into chosen from jobs
        where queue = a_queue and state = 'dispatched' and cancel_requested_at is null and needs = any(known)
          and (start_before is null or start_before > clock_timestamp())
        order by lost >= 2 desc, dispatched_at, priority desc, id limit 1 for update skip locked;
    end if;
    if not found then
        return;
    end if;
    if a_job_id is null and chosen.lost < 2 then
        chosen := claim_warm(chosen, a_worker_id, known);
    end if;
    if chosen.lost >= 2 then
        perform 1 from workers where id = a_worker_id for update;
        if exists (select from jobs where worker_id = a_worker_id and state = 'running') then
            return;
        end if;
    else
        perform 1 from workers where id = a_worker_id for key share;
        if exists (select from jobs where worker_id = a_worker_id and state = 'running' and lost >= 2) then
            return;
        end if;
    end if;
    update jobs set
        state = 'running', epoch = epoch + 1, claim_id = a_claim_id, worker_id = a_worker_id,
        started_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => a_lease_seconds),
        deadline_at = clock_timestamp() + make_interval(secs => deadline_seconds), event_number = event_number + 1
    where id = chosen.id and state = 'dispatched' returning * into job;
    if found then
        perform job_tell(job, 'JobStarted', jsonb_build_object('worker_id', a_worker_id));
        return next job;
    end if;
end $$

-- A job for which the worker is warm, instead of the one whose turn it is: of the same workspace, of no lower priority, among
-- its 32 next. Priority grows with age, so none is passed over for more than ten minutes by jobs that came after it.
create function claim_warm(a_first jobs, a_worker_id text, a_known text[]) returns jobs language plpgsql as $$
declare
    warm_keys text[] := (select w.warm from workers w where w.id = a_worker_id);
    other jobs;
begin
    if cardinality(warm_keys) is distinct from 0 and not coalesce(a_first.affinity = any(warm_keys), false) then
        with near as materialized (
            select j.id, j.priority + floor(extract(epoch from clock_timestamp() - j.created_at) / 600) as rank_priority
            from jobs j where j.queue = a_first.queue and j.state = 'dispatched' and j.workspace_id = a_first.workspace_id
              and j.cancel_requested_at is null and j.needs = any(a_known) and j.lost < 2
              and (j.start_before is null or j.start_before > clock_timestamp())
            order by j.dispatched_at, j.priority desc, j.id limit 32
        )
        select j.* into other from jobs j join near n on n.id = j.id
        where j.state = 'dispatched' and j.affinity = any(warm_keys) and n.rank_priority >= a_first.priority
              + floor(extract(epoch from clock_timestamp() - a_first.created_at) / 600)
        order by j.dispatched_at, j.priority desc, j.id limit 1 for update of j skip locked;
        if found then
            return other;
        end if;
    end if;
    return a_first;
end $$

-- What job_bury would take now; by the moment in a variable, so that the indexes are searched by it.
create or replace function job_doomed(a_limit int) returns setof jobs language plpgsql stable
security definer set search_path = public, pg_temp as $$
declare
    started timestamptz := clock_timestamp();
begin
    return query
    (select * from jobs where state = 'running' and lease_until < started and lost + 1 >= lost_max
     and cancel_requested_at is null order by lease_until limit a_limit)
    union all
    (select * from jobs where state in ('blocked', 'queued', 'dispatched') and start_before <= started
     order by start_before limit a_limit)
    limit a_limit;
end $$
