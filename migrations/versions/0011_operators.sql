-- Who may operate the engine, what operators did, and how often a job was taken up again.

create table operators (
    user_id uuid not null,
    granted_at timestamp with time zone default clock_timestamp() not null,
    constraint pk_operators primary key (user_id),
    constraint fk_operators_user_id foreign key (user_id) references users (id) on delete cascade
);
create table operator_actions (
    id bigint generated always as identity,
    at timestamp with time zone default clock_timestamp() not null,
    operator text not null,
    action text not null,
    target text not null,
    reason text not null,
    before jsonb default '{}'::jsonb not null,
    constraint pk_operator_actions primary key (id),
    constraint ck_operator_actions_reason check (char_length(reason) between 1 and 500)
);
create index ix_operator_actions_target on operator_actions (target, id);
alter table jobs
    add column requeues integer default 0 not null,
    add column settled_deliveries bigint default 0 not null,
    add column aside_reason text;
drop index uq_events_final;
create unique index uq_events_final on events (stream_id, coalesce(data ->> 'requeues', '0'))
    where stream_kind = 'job' and name in ('JobSucceeded', 'JobFailed', 'JobCanceled', 'JobAborted', 'JobDied');
revoke insert, update, delete on operators from lab_app, lab_system;
revoke insert, update, delete on operator_actions from lab_app, lab_system;
revoke select on operator_actions from lab_app;
