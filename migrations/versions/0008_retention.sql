-- What finds the rows that have had their time, and how far a workspace's feed was cut.

create table feed_marks (
    workspace_id uuid not null,
    xid xid8 not null,
    id bigint not null,
    constraint pk_feed_marks primary key (workspace_id),
    constraint fk_feed_marks_workspace_id foreign key (workspace_id) references workspaces (id) on delete cascade
);
create index ix_events_at on events (at) where stream_kind <> 'job';
create index ix_refresh_tokens_expires_at on refresh_tokens (expires_at);
alter table feed_marks enable row level security;
create policy workspace on feed_marks to lab_app
    using (workspace_id = nullif(current_setting('lab.workspace_id', true), '')::uuid);
create policy everything on feed_marks to lab_system using (true);
alter table events set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
alter table objects set (autovacuum_vacuum_scale_factor = 0.02);
alter table attempts set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
