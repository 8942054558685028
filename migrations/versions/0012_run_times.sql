-- How long jobs take, by what shapes it, and how far the ended jobs have been counted.

create table job_run_times (
    queue text not null,
    kind text not null,
    engine text not null,
    size_class smallint not null,
    frames_class smallint not null,
    runs bigint not null,
    mean_seconds float not null,
    variance float not null,
    constraint pk_job_run_times primary key (queue, kind, engine, size_class, frames_class)
);
create table job_run_time_mark (
    is_only boolean default true not null,
    finished_at timestamp with time zone default '-infinity' not null,
    job_id uuid default '00000000-0000-0000-0000-000000000000' not null,
    constraint pk_job_run_time_mark primary key (is_only),
    constraint ck_job_run_time_mark_one check (is_only)
);
insert into job_run_time_mark default values;
revoke insert, update, delete on job_run_times, job_run_time_mark from lab_app, lab_system;
revoke select on job_run_time_mark from lab_app;
