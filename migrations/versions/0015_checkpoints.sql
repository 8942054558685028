alter table jobs add column checkpoint_id uuid;
alter table jobs add constraint fk_jobs_checkpoint_id foreign key (checkpoint_id) references objects (id) on delete set null;
create index ix_jobs_checkpoint_id on jobs (checkpoint_id) where checkpoint_id is not null;
