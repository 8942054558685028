-- Each takes at most a_limit rows that are old enough, so that its transaction is short, and answers how many. Rows are found by
-- index and deleted by key; what another transaction holds is left for the next time.

-- A cursor before the mark may have missed something: the highest that was cut stays known.
create function feed_cut(a_space uuid, a_xid xid8, a_id bigint) returns void language sql as $$
    insert into feed_marks as m (workspace_id, xid, id) values (a_space, a_xid, a_id)
    on conflict (workspace_id) do update set xid = excluded.xid, id = excluded.id where (m.xid, m.id) < (excluded.xid, excluded.id)
$$

-- Ended jobs with what their streams told.
create or replace function job_prune(a_days int, a_limit int) returns int language plpgsql
security definer set search_path = public, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
declare
    -- A variable, because no index is searched by clock_timestamp(), which may change from row to row.
    before timestamptz := clock_timestamp() - make_interval(days => a_days);
    old uuid[] := array(select id from jobs where finished_at < before order by finished_at limit a_limit for update skip locked);
    cut record;
begin
    for cut in
        with gone as (delete from events where stream_kind = 'job' and stream_id = any(old) returning workspace_id, xid, id)
        select distinct on (workspace_id) workspace_id, xid, id from gone order by workspace_id, xid desc, id desc
    loop
        perform feed_cut(cut.workspace_id, cut.xid, cut.id);
    end loop;
    delete from jobs where id = any(old);
    return cardinality(old);
end $$

-- What the things of the business told; the numbers of a stream go on, and a stream whose thing is gone goes with its last event.
create function event_prune(a_days int, a_limit int) returns int language plpgsql
security definer set search_path = public, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
declare
    kinds text[];
    ids uuid[];
    numbers bigint[];
    cut record;
    stream record;
    before timestamptz := clock_timestamp() - make_interval(days => a_days);
begin
    select array_agg(o.stream_kind), array_agg(o.stream_id), array_agg(o.number) into kinds, ids, numbers from (
        select stream_kind, stream_id, number from events
        where stream_kind <> 'job' and at < before
        order by at limit a_limit for update skip locked
    ) o;
    if ids is null then
        return 0;
    end if;
    for cut in
        with gone as (
            delete from events e using unnest(kinds, ids, numbers) as o(kind, id, number)
            where e.stream_kind = o.kind and e.stream_id = o.id and e.number = o.number returning e.workspace_id, e.xid, e.id
        )
        select distinct on (workspace_id) workspace_id, xid, id from gone order by workspace_id, xid desc, id desc
    loop
        perform feed_cut(cut.workspace_id, cut.xid, cut.id);
    end loop;
    for stream in select distinct t.kind, t.id from unnest(kinds, ids) as t(kind, id) loop
        delete from streams s where s.kind = stream.kind and s.id = stream.id
            and not exists (select from events e where e.stream_kind = s.kind and e.stream_id = s.id)
            and not exists (select from characters where id = s.id) and not exists (select from storyboards where id = s.id)
            and not exists (select from renders where id = s.id);
    end loop;
    return cardinality(ids);
end $$

-- Workers that fell silent, and the lanes and shares of workspaces that are as good as new: behind the queue's time they would
-- start at it anyway.
create function idle_prune(a_days int, a_limit int) returns int language plpgsql
security definer set search_path = public, pg_temp as $$
declare
    gone int;
    more int;
begin
    delete from workers where id = any(array(
        select id from workers where last_seen_at < clock_timestamp() - make_interval(days => a_days) limit a_limit));
    get diagnostics gone = row_count;
    -- Only the pick writes lanes and shares: whoever takes rows away does it in the pick's place.
    if not pg_try_advisory_xact_lock(hashtextextended('jobs.pick.internal', 0))
       or not pg_try_advisory_xact_lock(hashtextextended('jobs.pick.cpu', 0))
       or not pg_try_advisory_xact_lock(hashtextextended('jobs.pick.gpu', 0)) then
        return gone;
    end if;
    with idle as materialized (
        select l.queue, l.workspace_id, l.needs from job_lanes l join queue_controls c on c.queue = l.queue
        where not l.is_waiting and l.virtual_time <= c.virtual_time limit a_limit for update of l skip locked
    )
    delete from job_lanes l using idle i where l.queue = i.queue and l.workspace_id = i.workspace_id and l.needs = i.needs;
    get diagnostics more = row_count;
    gone := gone + more;
    with idle as materialized (
        select s.queue, s.workspace_id from workspace_shares s join queue_controls c on c.queue = s.queue
        where s.virtual_time <= c.virtual_time
          and not exists (select from job_lanes l where l.queue = s.queue and l.workspace_id = s.workspace_id)
          and not exists (select from jobs j where j.queue = s.queue and j.workspace_id = s.workspace_id
                          and j.state in ('dispatched', 'running'))
        limit a_limit for update of s skip locked
    )
    delete from workspace_shares s using idle i where s.queue = i.queue and s.workspace_id = i.workspace_id;
    get diagnostics more = row_count;
    return gone + more;
end $$
