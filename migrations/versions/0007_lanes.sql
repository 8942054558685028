-- What the pick reads instead of looking through the backlog.

alter table jobs
    add column needs text not null default '',
    add column affinity text,
    add column is_due boolean not null default true;
update jobs set
    needs = case when engine is not null then engine || '@' || coalesce(command_version, 1)
                 when queue = 'internal' then kind || '@' || coalesce(command_version, 1) else '' end,
    is_due = run_at <= clock_timestamp()
where finished_at is null;
alter table queue_controls add column running_max integer;
alter table workers
    add column knows text[] not null default '{}',
    add column warm text[] not null default '{}';

create table job_lanes (
    queue text not null,
    workspace_id uuid not null,
    needs text not null,
    virtual_time float not null default 0,
    is_waiting boolean not null default false,
    constraint pk_job_lanes primary key (queue, workspace_id, needs),
    constraint fk_job_lanes_queue foreign key (queue) references queue_controls (queue),
    constraint fk_job_lanes_workspace_id foreign key (workspace_id) references workspaces (id) on delete cascade
);
create index ix_job_lanes_workspace_id on job_lanes (workspace_id);
create index ix_job_lanes_waiting on job_lanes (queue, needs, virtual_time) where is_waiting;

create table pick_notes (
    queue text not null,
    id bigint generated always as identity,
    workspace_id uuid not null,
    needs text,
    constraint pk_pick_notes primary key (queue, id)
);

insert into pick_notes (queue, workspace_id, needs)
select distinct queue, workspace_id, needs from jobs where state = 'queued' and is_due;

drop index ix_jobs_pick;
drop index ix_jobs_oldest;
create index ix_jobs_pick on jobs (queue, workspace_id, needs, priority desc, id) where state = 'queued' and is_due;
create index ix_jobs_oldest on jobs (queue, workspace_id, needs, id) where state = 'queued' and is_due;
create index ix_jobs_postponed on jobs (queue, run_at) where state = 'queued' and not is_due;
create index ix_jobs_worker on jobs (worker_id) where state = 'running';

-- Every move updates these: vacuum by the number of dead rows, whatever the table holds besides.
alter table jobs set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02, fillfactor = 80);
alter table job_lanes set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, fillfactor = 60);
alter table pick_notes set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
alter table workspace_shares set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, fillfactor = 60);
alter table workers set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200, fillfactor = 60);
alter table streams set (autovacuum_vacuum_scale_factor = 0.02, fillfactor = 80);
