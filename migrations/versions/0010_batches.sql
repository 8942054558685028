-- One job for each claim id, of those that job_claim would take without an id: each has its own claim and epoch. Rows that
-- another holds are passed over, so that nobody waits here. What needs more thought (a job that must run alone, a worker that
-- is warm for some) is taken one at a time. An answer that was lost is asked for again with the same claim ids.
create function job_claim_many(
    a_claim_ids uuid[], a_worker_id text, a_queue text, a_engines text[], a_command_version int, a_lease_seconds float8
) returns setof jobs language plpgsql security definer set search_path = public, pg_temp as $$
declare
    job jobs;
    known text[] := worker_knows(a_engines, a_command_version);
begin
    perform pg_advisory_xact_lock(hashtextextended('jobs.claim.' || a_claim_ids[1], 0));
    return query
    update jobs set lease_until = least(clock_timestamp() + make_interval(secs => a_lease_seconds),
                                        deadline_at + make_interval(secs => a_lease_seconds))
    where claim_id = any(a_claim_ids) and worker_id = a_worker_id and state = 'running' returning *;
    if found then
        return;
    end if;
    if exists (select from workers w where w.id = a_worker_id and cardinality(w.warm) > 0) or exists (
        select from jobs where queue = a_queue and state = 'dispatched' and lost >= 2 and needs = any(known)) then
        return query select * from job_claim(a_claim_ids[1], a_worker_id, a_queue, a_engines, a_command_version, a_lease_seconds);
        return;
    end if;
    perform 1 from workers where id = a_worker_id for key share;
    if exists (select from jobs where worker_id = a_worker_id and state = 'running' and lost >= 2) then
        return;
    end if;
    for job in
        with chosen as materialized (
            select id from jobs
            where queue = a_queue and state = 'dispatched' and cancel_requested_at is null and needs = any(known) and lost < 2
              and (start_before is null or start_before > clock_timestamp())
            order by dispatched_at, priority desc, id limit cardinality(a_claim_ids) for update skip locked
        ),
        numbered as materialized (select id, row_number() over () as place from chosen)
        update jobs j set
            state = 'running', epoch = j.epoch + 1, claim_id = a_claim_ids[n.place], worker_id = a_worker_id,
            started_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => a_lease_seconds),
            deadline_at = clock_timestamp() + make_interval(secs => j.deadline_seconds), event_number = j.event_number + 1
        from numbered n where j.id = n.id and j.state = 'dispatched' returning j.*
    loop
        perform job_tell(job, 'JobStarted', jsonb_build_object('worker_id', a_worker_id));
        return next job;
    end loop;
end $$

-- Ends jobs that leave nothing but their success, each under its own fence; answers those that it ended. A job that others
-- wait for is left to job_finish: so no row is locked here but the jobs' own, in one order, and then the shares.
create function job_finish_many(a_ids uuid[], a_epochs bigint[], a_claim_ids uuid[], a_worked_seconds float8[])
returns setof uuid language plpgsql security definer set search_path = public, pg_temp as $$
declare
    job jobs;
    ended uuid[] := '{}';
begin
    perform 1 from jobs where id = any(a_ids) order by id for no key update;
    for job in
        update jobs j set state = 'succeeded', result = '{}', worked_seconds = j.worked_seconds + asked.worked,
                          lease_until = null, finished_at = clock_timestamp(), event_number = j.event_number + 1
        from unnest(a_ids, a_epochs, a_claim_ids, a_worked_seconds) as asked(id, epoch, claim_id, worked)
        where j.id = asked.id and j.epoch = asked.epoch and j.claim_id = asked.claim_id and j.state = 'running'
          and not exists (select from job_dependencies d where d.waits_for = j.id)
        returning j.*
    loop
        perform job_tell(job, 'JobSucceeded', jsonb_build_object('worked_seconds', job.worked_seconds));
        ended := ended || job.id;
    end loop;
    perform job_account(ended);
    return query select unnest(ended);
end $$
