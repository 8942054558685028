create table adapter_versions (
    id uuid not null,
    workspace_id uuid not null,
    character_id uuid not null,
    number integer not null,
    state text default '' not null,
    trigger text default '' not null,
    plan jsonb default '{}'::jsonb not null,
    job_id uuid not null,
    present_id uuid,
    learned jsonb,
    weights_id uuid,
    plot_id uuid,
    samples_id uuid,
    refusal text default '' not null,
    created_at timestamp with time zone not null,
    ended_at timestamp with time zone,
    constraint pk_adapter_versions primary key (id),
    constraint uq_adapter_versions_character_id_number unique (character_id, number),
    constraint ck_adapter_versions_number check (number > 0),
    constraint fk_adapter_versions_workspace_id foreign key (workspace_id) references workspaces (id) on delete cascade,
    constraint fk_adapter_versions_character_id foreign key (character_id) references characters (id) on delete cascade,
    constraint fk_adapter_versions_present_id foreign key (present_id) references adapter_versions (id) on delete set null,
    constraint fk_adapter_versions_weights_id foreign key (weights_id) references objects (id) on delete restrict,
    constraint fk_adapter_versions_plot_id foreign key (plot_id) references objects (id) on delete restrict,
    constraint fk_adapter_versions_samples_id foreign key (samples_id) references objects (id) on delete restrict
);
create index ix_adapter_versions_workspace_id on adapter_versions (workspace_id);
create index ix_adapter_versions_character_id_created_at_id on adapter_versions (character_id, created_at, id);
create index ix_adapter_versions_present_id on adapter_versions (present_id);
create index ix_adapter_versions_weights_id on adapter_versions (weights_id);
create index ix_adapter_versions_plot_id on adapter_versions (plot_id);
create index ix_adapter_versions_samples_id on adapter_versions (samples_id);
create unique index uq_adapter_versions_training on adapter_versions (character_id) where state = 'training';
alter table characters add column adapter_ids uuid[] default '{}' not null;
