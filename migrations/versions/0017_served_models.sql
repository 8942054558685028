create table worker_models (
    worker_id text not null,
    models jsonb not null,
    constraint pk_worker_models primary key (worker_id),
    constraint fk_worker_models_worker_id foreign key (worker_id) references workers (id) on delete cascade
);
