-- The job's row is held to the commit, so that of two reports of one checkpoint the second finds what the first kept.
create function job_hold_checkpoint(a_id uuid, a_epoch bigint, a_claim_id uuid)
returns table (checkpoint_id uuid) language sql security definer set search_path = public, pg_temp as $$
    select j.checkpoint_id from jobs j
    where j.id = a_id and j.epoch = a_epoch and j.claim_id = a_claim_id and j.state = 'running'
    for no key update;
$$;
create function job_keep_checkpoint(a_id uuid, a_object_id uuid)
returns void language sql security definer set search_path = public, pg_temp as $$
    update jobs set checkpoint_id = a_object_id where id = a_id and state = 'running';
$$;
-- Whatever way a job ends, nobody goes on from its checkpoint. The object's row is locked after the job's, here and
-- where a checkpoint is kept; nobody else wants both.
create function job_drop_checkpoint()
returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update objects set reference_count = reference_count - 1, touched_at = greatest(touched_at, clock_timestamp())
    where id = old.checkpoint_id;
    new.checkpoint_id := null;
    return new;
end $$;
create trigger job_drop_checkpoint before update on jobs for each row
when (new.checkpoint_id is not null and new.finished_at is not null)
execute function job_drop_checkpoint();
