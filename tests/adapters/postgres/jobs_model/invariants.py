"""What must hold in the engine's tables at every moment, asked of the database itself."""

# One row for each broken invariant: the job or queue, and what is wrong with it.
VIOLATIONS = """
with story as (
    select stream_id, number, (data ->> 'epoch')::bigint as epoch,
           name in ('JobSucceeded', 'JobFailed', 'JobCanceled', 'JobAborted', 'JobDied') as is_final
    from events where stream_kind = 'job'
),
told as (
    select stream_id, count(*) as n, max(number) as last, min(number) as first,
           count(*) filter (where is_final) as finals, max(number) filter (where is_final) as final_number
    from story group by 1
),
epochs as (
    select stream_id, epoch < lag(epoch) over (partition by stream_id order by number) as is_back from story
),
open_waits as (
    select d.job_id, count(*) filter (where p.state <> 'succeeded') as n,
           count(*) filter (where p.finished_at is not null and p.state <> 'succeeded') as hopeless
    from job_dependencies d join jobs p on p.id = d.waits_for group by 1
),
active as (
    select queue, workspace_id, count(*) as n from jobs where state in ('dispatched', 'running') group by 1, 2
)
select id::text, 'its events are not dense' from jobs join told on stream_id = id
 where first <> 1 or last <> n or last <> event_number
union all select id::text, 'each of its ends is not told exactly once' from jobs join told on stream_id = id
 where finals <> requeues + (finished_at is not null)::int
union all select id::text, 'something was told after its end' from jobs join told on stream_id = id
 where finished_at is not null and final_number <> last
union all select id::text, 'it tells nothing' from jobs where not exists (select 1 from told where stream_id = id)
union all select stream_id::text, 'its epoch went back' from epochs where is_back
union all select id::text, 'it waits on a wrong number' from jobs left join open_waits w on w.job_id = id
 where (state = 'blocked' and (waiting_on <> coalesce(w.n, 0) or waiting_on = 0))
    or (state in ('queued', 'dispatched', 'running', 'succeeded') and waiting_on <> 0)
union all select id::text, 'it waits for what will never succeed' from jobs join open_waits w on w.job_id = id
 where state = 'blocked' and hopeless > 0
union all select id::text, 'its state and its lease disagree' from jobs
 where (state = 'running') <> (lease_until is not null) or (state = 'running' and (claim_id is null or epoch = 0))
union all select id::text, 'its state and its end disagree' from jobs
 where (state in ('succeeded', 'failed', 'canceled', 'aborted', 'dead')) <> (finished_at is not null)
union all select id::text, 'it was tried too often' from jobs
 where attempts > attempts_max or lost > lost_max
    or (state in ('queued', 'dispatched', 'running') and (attempts >= attempts_max or lost >= lost_max))
union all select min(id::text), 'one claim holds several jobs' from jobs where state = 'running'
 group by claim_id having count(*) > 1
union all select a.workspace_id::text, 'its cap is exceeded' from active a join workspaces w on w.id = a.workspace_id
 where a.n > w.running_max
union all select workspace_id::text, 'its fair time is below nothing' from workspace_shares where virtual_time < 0
"""
# For tests whose workers never leave: what is under way fits the hands that are there.
WINDOW_EXCEEDED = """
select queue from jobs where state in ('dispatched', 'running') group by queue
having count(*) > (select coalesce(sum(slots), 0) from workers w where w.queue = jobs.queue)
"""
