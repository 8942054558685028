-- How many more jobs of one need the workers that know it can hold. What they work on counts; what has been given out counts as
-- far as it can come to them and no worker that does not know this need has a place for it.
create function pick_room(a_queue text, a_need text, a_lookahead int, a_seen_since timestamptz) returns int
language sql stable as $$
    with hands as materialized (
        select a_need = any(w.knows) as is_near, w.knows, w.slots + least(a_lookahead, w.slots) as holds,
               (select count(*) from jobs j where j.queue = a_queue and j.state = 'running' and j.worker_id = w.id) as held
        from workers w where w.queue = a_queue and w.state = 'ready' and w.last_seen_at > a_seen_since
    ),
    given as materialized (
        select j.needs, count(*) as n from jobs j where j.queue = a_queue and j.state = 'dispatched' group by 1
    )
    select (select coalesce(sum(h.holds - h.held), 0) from hands h where h.is_near)::int
         - (select coalesce(sum(least(
                greatest(0, g.n - (select coalesce(sum(greatest(0, h.holds - h.held)), 0) from hands h
                                   where not h.is_near and g.needs = any(h.knows))),
                (select coalesce(sum(h.holds), 0) from hands h where h.is_near and g.needs = any(h.knows)))), 0)
            from given g)::int
$$

-- Start-time fair queueing over some lanes: each candidate's start tag is its workspace's fair time plus what the same
-- workspace's better candidates are estimated to take; a workspace back from idleness starts at the queue's time. At most
-- a_room of them, or with a_rooms as many of each lane as there is room for what it needs.
create function pick_fair(a_queue text, a_spaces uuid[], a_needs text[], a_warm text[], a_room int, a_rooms int[] default null)
returns table (id uuid, workspace_id uuid, needs text, start_tag float8, cost float8)
language plpgsql set enable_seqscan = off set enable_bitmapscan = off as $$
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
               coalesce(l.room, a_room) as room,
               greatest(0, least(coalesce(l.room, a_room), w.running_max - coalesce(a.n, 0))) + ahead as wanted
        from unnest(a_spaces, a_needs, a_rooms) as l(workspace_id, needs, room)
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
                 order by j.created_at, j.id limit l.wanted)
            ) u
        ) q
    ),
    -- What a worker is warm for goes first among equals, and never from behind the 32 best of its workspace.
    placed as (
        select c.*, coalesce(c.affinity = any(a_warm), false)
            and row_number() over (partition by c.workspace_id order by c.rank_priority desc, c.id) <= 32 as is_warm
        from candidates c
    ),
    -- What there is no room for takes no place under its workspace's cap from what there is room for, other than the room that
    -- another workspace takes in the same pick.
    kept as (
        select k.* from (
            select p.*, row_number() over (
                partition by p.workspace_id, p.needs order by p.rank_priority desc, p.is_warm desc, p.id) as lane_turn
            from placed p
        ) k where a_rooms is null or k.lane_turn <= k.room
    ),
    ranked as (
        select p.*, row_number() over best as rn,
               coalesce(sum(p.cost) over (best rows between unbounded preceding and 1 preceding), 0) as before
        from kept p window best as (partition by p.workspace_id order by p.rank_priority desc, p.is_warm desc, p.id)
    )
    select r.id, r.workspace_id, r.needs, r.fair_time + r.before, r.cost
    from ranked r where r.n + r.rn <= r.running_max
    order by r.fair_time + r.before, r.rank_priority desc, r.id limit case when a_rooms is null then a_room end;
end $$

-- One picker at a time: the lock is its own statement before the pick, because SKIP LOCKED alone cannot keep a window or a
-- cap that is shared by all. No more than `room` lanes can have a turn, and no more than its workspace's cap of each, so the
-- backlog is never looked through.
create or replace function job_pick(a_queue text, a_lookahead int, a_seen_seconds float8, a_limit int)
returns table (job_id uuid, delivery bigint, workspace_id uuid) language plpgsql
security definer set search_path = public, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
#variable_conflict use_column
declare
    seen_since timestamptz := clock_timestamp() - make_interval(secs => a_seen_seconds);
    cap int;
    active int;
    is_mixed boolean;
    rooms_known int[];
    rooms_sum int;
    widest int;
    rooms int[];
    full_needs text[] := '{}';
    passed jsonb := '{}';
    start_tag float8;
    given int := 0;
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
    select coalesce(sum(w.slots + least(a_lookahead, w.slots)), 0), count(distinct w.knows) > 1 into room, is_mixed
    from workers w where w.queue = a_queue and w.state = 'ready' and w.last_seen_at > seen_since;
    active := (select count(*) from jobs where queue = a_queue and state in ('dispatched', 'running'));
    -- Among workers of several kinds each need has a room of its own, or those that do one thing would fill everybody's.
    room := least(a_limit, cap - active, room - case when is_mixed then 0 else active end);
    if room <= 0 then
        return;
    end if;
    select array(select distinct unnest(w.knows) from workers w where w.queue = a_queue and w.state = 'ready'
                 and w.last_seen_at > seen_since),
           array(select distinct unnest(w.warm) from workers w where w.queue = a_queue and w.state = 'ready'
                 and w.last_seen_at > seen_since) into known, warm_keys;
    if is_mixed then
        select array_agg(k.needs), array_agg(k.room), sum(k.room), max(k.room)
        into known, rooms_known, rooms_sum, widest from (
            select n.needs, pick_room(a_queue, n.needs, a_lookahead, seen_since) as room
            from unnest(known) n(needs) offset 0
        ) k where k.room > 0;
        if known is null then
            return;
        end if;
        room := least(room, rooms_sum);
    end if;
    -- Lanes that turn out to be empty make way for the next, a few times; the extra ones are for what is left of them.
    for turn in 1..5 loop
        select array_agg(l.workspace_id), array_agg(l.needs) into spaces, needed from pick_lanes(
            a_queue, known, coalesce(widest, room) + 16) l;
        exit when spaces is null or pick_clear(a_queue, spaces, needed) = 0;
    end loop;
    if spaces is null then
        return;
    end if;
    if is_mixed then
        rooms := array(select rooms_known[array_position(known, n.needs)]
                       from unnest(needed) with ordinality n(needs, place) order by n.place);
    end if;
    for fair in select * from pick_fair(a_queue, spaces, needed, warm_keys, room, rooms) loop
        exit when given >= room;
        if is_mixed and (fair.needs = any(full_needs)
                         or pick_room(a_queue, fair.needs, a_lookahead, seen_since) <= 0) then
            full_needs := case when fair.needs = any(full_needs) then full_needs else full_needs || fair.needs end;
            exit when full_needs @> known;
            passed := passed || jsonb_build_object(
                fair.workspace_id, coalesce((passed ->> fair.workspace_id::text)::float8, 0) + fair.cost);
            continue;
        end if;
        -- Nobody is charged for what was passed over.
        start_tag := fair.start_tag - coalesce((passed ->> fair.workspace_id::text)::float8, 0);
        perform 1 from jobs where id = fair.id and state = 'queued' for update skip locked;
        continue when not found;
        update jobs set state = 'dispatched', delivery = delivery + 1, dispatched_at = clock_timestamp()
        where id = fair.id returning delivery into delivery;
        given := given + 1;
        update queue_controls set virtual_time = start_tag where queue = a_queue and virtual_time < start_tag;
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

-- What job_bury would take now, of the kinds that the caller knows, but for those that it could not bury just now; by the
-- moment in a variable, so that the indexes are searched by it.
create function job_doomed(a_limit int, a_kinds text[] default null, a_passed_over uuid[] default '{}') returns setof jobs
language plpgsql stable security definer set search_path = public, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
declare
    started timestamptz := clock_timestamp();
begin
    return query
    (select * from jobs where state = 'running' and lease_until < started and lost + 1 >= lost_max
     and cancel_requested_at is null and (a_kinds is null or kind = any(a_kinds)) and id <> all(a_passed_over)
     order by lease_until limit a_limit)
    union all
    (select * from jobs where state in ('blocked', 'queued', 'dispatched') and start_before <= started
     and (a_kinds is null or kind = any(a_kinds)) and id <> all(a_passed_over)
     order by start_before limit a_limit)
    limit a_limit;
end $$
