-- A drained worker stays drained when its process comes again under the same id; one that does not is forgotten in a day.
create or replace function worker_leave(a_id text) returns void language sql
security definer set search_path = public, pg_temp as $$ delete from workers where id = a_id and state <> 'draining' $$

-- Counts jobs that ended behind the mark, and moves it, in one transaction: twice counts once, a process that is killed counts
-- nothing. A job whose end is committed later than a_settled_seconds after it is not counted, which a mean can bear. What was
-- known weighs as much as fifty runs at most, so that it follows a new machine. A job of a batch counts for its share of it.
create or replace function job_measure(a_settled_seconds float8, a_limit int) returns int language plpgsql
security definer set search_path = public, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
declare
    mark job_run_time_mark;
    before timestamptz := clock_timestamp() - make_interval(secs => a_settled_seconds);
    ended uuid[];
    moments timestamptz[];
begin
    select * into mark from job_run_time_mark for update skip locked;
    if not found then
        return 0;
    end if;
    select array_agg(e.id order by e.finished_at, e.id), array_agg(e.finished_at order by e.finished_at, e.id)
    into ended, moments
    from (
        select id, finished_at from jobs
        where finished_at >= mark.finished_at and finished_at <= before and (finished_at, id) > (mark.finished_at, mark.job_id)
        order by finished_at, id limit a_limit
    ) e;
    if ended is null then
        return 0;
    end if;
    insert into job_run_times as t (queue, kind, engine, size_class, frames_class, runs, mean_seconds, variance)
    select r.queue, r.kind, r.engine, r.size_class, r.frames_class, count(*), avg(r.seconds), var_pop(r.seconds)
    from (
        select j.queue, j.kind, coalesce(j.engine, '') as engine,
               run_class(run_number(j.payload, 'width') * run_number(j.payload, 'height')) as size_class,
               run_class(run_number(j.payload, 'frames')) as frames_class,
               least(extract(epoch from j.finished_at - j.started_at)::float8, j.worked_seconds) as seconds
        from jobs j where j.id = any(ended) and j.state = 'succeeded' and j.started_at is not null
    ) r
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (queue, kind, engine, size_class, frames_class) do update set
        runs = t.runs + excluded.runs,
        mean_seconds = t.mean_seconds
            + (excluded.mean_seconds - t.mean_seconds) * excluded.runs / (least(t.runs, 50) + excluded.runs),
        variance = (least(t.runs, 50) * t.variance + excluded.runs * excluded.variance) / (least(t.runs, 50) + excluded.runs)
            + least(t.runs, 50) * excluded.runs * (excluded.mean_seconds - t.mean_seconds) ^ 2
              / (least(t.runs, 50) + excluded.runs) ^ 2;
    update job_run_time_mark m set finished_at = moments[cardinality(moments)], job_id = ended[cardinality(ended)];
    return cardinality(ended);
end $$
