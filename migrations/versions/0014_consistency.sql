-- How consistent the cast of each film is, by the measure of its embedding space.

create table consistency_reports (
    render_id uuid not null,
    workspace_id uuid not null,
    film_digest text default '' not null,
    characters jsonb default '[]'::jsonb not null,
    sheet_id uuid not null,
    plot_id uuid not null,
    made_at timestamp with time zone not null,
    constraint pk_consistency_reports primary key (render_id),
    constraint fk_consistency_reports_render_id foreign key (render_id) references renders (id) on delete cascade,
    constraint fk_consistency_reports_workspace_id foreign key (workspace_id) references workspaces (id) on delete cascade,
    constraint fk_consistency_reports_sheet_id foreign key (sheet_id) references objects (id) on delete restrict,
    constraint fk_consistency_reports_plot_id foreign key (plot_id) references objects (id) on delete restrict
);
create index ix_consistency_reports_workspace_id on consistency_reports (workspace_id);
create index ix_consistency_reports_sheet_id on consistency_reports (sheet_id);
create index ix_consistency_reports_plot_id on consistency_reports (plot_id);
