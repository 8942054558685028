-- Sizes and lengths fall into classes of half an octave (a fifth up or down), at most 61 of each.
create function run_class(a_amount float8) returns smallint language sql immutable as $$
    select (case when a_amount >= 1 then least(60, 1 + round(2 * log(2, a_amount::numeric))) else 0 end)::smallint
$$

-- A number of a job's command or, where it has none, of its payload; 0 for what is no number.
create function run_number(a_payload jsonb, a_name text) returns float8 language sql immutable as $$
    select case when jsonb_typeof(found.value) = 'number' then found.value::float8 else 0 end
    from (select coalesce(a_payload #> array['command', a_name], a_payload -> a_name) as value) found
$$

-- What a job like this takes, or null until five have run.
create function run_expect(a_queue text, a_kind text, a_engine text, a_pixels float8, a_frames float8) returns float8
language sql stable as $$
    select mean_seconds from job_run_times
    where queue = a_queue and kind = a_kind and engine = a_engine and size_class = run_class(a_pixels)
      and frames_class = run_class(a_frames) and runs >= 5
$$

-- What a job needs its worker to know: an engine's commands or, in the jobs process, a kind of job, and which version of it; and
-- how long it will take, as measured where enough like it have run, else as declared.
create or replace function job_prepare() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
    new.is_due := new.run_at <= clock_timestamp();
    if tg_op = 'INSERT' then
        new.needs := case when new.engine is not null then new.engine || '@' || coalesce(new.command_version, 1)
                          when new.queue = 'internal' then new.kind || '@' || coalesce(new.command_version, 1) else '' end;
        new.estimated_seconds := coalesce(
            run_expect(new.queue, new.kind, coalesce(new.engine, ''),
                       run_number(new.payload, 'width') * run_number(new.payload, 'height'),
                       run_number(new.payload, 'frames')),
            new.estimated_seconds);
    end if;
    return new;
end $$

-- Counts jobs that ended behind the mark, and moves it, in one transaction: twice counts once, a process that is killed counts
-- nothing. A job whose end is committed later than a_settled_seconds after it is not counted, which a mean can bear. What was
-- known weighs as much as fifty runs at most, so that it follows a new machine.
create function job_measure(a_settled_seconds float8, a_limit int) returns int language plpgsql
security definer set search_path = public, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
declare
    mark job_run_time_mark;
    before timestamptz := clock_timestamp() - make_interval(secs => a_settled_seconds);
    ended uuid[];
begin
    select * into mark from job_run_time_mark for update skip locked;
    if not found then
        return 0;
    end if;
    ended := array(
        select id from jobs
        where finished_at >= mark.finished_at and finished_at <= before and (finished_at, id) > (mark.finished_at, mark.job_id)
        order by finished_at, id limit a_limit);
    if cardinality(ended) = 0 then
        return 0;
    end if;
    insert into job_run_times as t (queue, kind, engine, size_class, frames_class, runs, mean_seconds, variance)
    select r.queue, r.kind, r.engine, r.size_class, r.frames_class, count(*), avg(r.seconds), var_pop(r.seconds)
    from (
        select j.queue, j.kind, coalesce(j.engine, '') as engine,
               run_class(run_number(j.payload, 'width') * run_number(j.payload, 'height')) as size_class,
               run_class(run_number(j.payload, 'frames')) as frames_class,
               extract(epoch from j.finished_at - j.started_at)::float8 as seconds
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
    update job_run_time_mark m set (finished_at, job_id) = (
        select j.finished_at, j.id from jobs j where j.id = ended[cardinality(ended)]);
    return cardinality(ended);
end $$
