create table image_vectors (
    image_id uuid not null,
    space text not null,
    workspace_id uuid not null,
    embedding vector not null,
    constraint pk_image_vectors primary key (image_id, space),
    constraint fk_image_vectors_image_id foreign key (image_id) references character_images (id) on delete cascade,
    constraint fk_image_vectors_workspace_id foreign key (workspace_id) references workspaces (id) on delete cascade
);
create index ix_image_vectors_workspace_id on image_vectors (workspace_id);
create table space_identities (
    character_id uuid not null,
    space text not null,
    workspace_id uuid not null,
    threshold double precision not null,
    images integer not null,
    revision integer not null,
    learned_at timestamp with time zone not null,
    constraint pk_space_identities primary key (character_id, space),
    constraint fk_space_identities_character_id foreign key (character_id) references characters (id) on delete cascade,
    constraint fk_space_identities_workspace_id foreign key (workspace_id) references workspaces (id) on delete cascade
);
create index ix_space_identities_workspace_id on space_identities (workspace_id);
create index ix_step_results_figures on step_results (created_at) where result ? 'figure_vectors';
