-- What a worker has been given lies beside its row, which is written at every claim: it is looked at then, and written only
-- when it has changed.
create function worker_see(
    a_id text, a_queue text, a_engines text[], a_command_version int, a_slots int, a_software_version text,
    a_warm text[] default '{}', a_models jsonb default null
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
    if (select m.models from worker_models m where m.worker_id = a_id) is distinct from a_models then
        if a_models is null then
            delete from worker_models where worker_id = a_id;
        else
            insert into worker_models as m (worker_id, models) values (a_id, a_models)
            on conflict (worker_id) do update set models = excluded.models;
        end if;
    end if;
    return state_now = 'draining';
end $$

-- The models of workers that were seen lately and are given jobs, each once, without who has them.
create function models_served(a_seen_seconds float8) returns setof jsonb language sql stable
security definer set search_path = public, pg_temp as $$
    select distinct model from workers w join worker_models m on m.worker_id = w.id
    cross join lateral jsonb_array_elements(m.models) as each(model)
    where w.state = 'ready' and w.last_seen_at > clock_timestamp() - make_interval(secs => a_seen_seconds) limit 1000
$$
