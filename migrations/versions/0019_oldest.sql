-- As before, but the oldest are looked for by when they were created: by id alone, the primary key has that order too, and a plan
-- made while a backlog stood would walk all that has ended since. No other index has this order.
create or replace function pick_fair(a_queue text, a_spaces uuid[], a_needs text[], a_warm text[], a_room int)
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
    ranked as (
        select p.*, row_number() over best as rn,
               coalesce(sum(p.cost) over (best rows between unbounded preceding and 1 preceding), 0) as before
        from placed p window best as (partition by p.workspace_id order by p.rank_priority desc, p.is_warm desc, p.id)
    )
    select r.id, r.workspace_id, r.needs, r.fair_time + r.before, r.cost
    from ranked r where r.n + r.rn <= r.running_max
    order by r.fair_time + r.before, r.rank_priority desc, r.id limit a_room;
end $$
