"""The database's clock in the hands of a test: the engine's functions find ours before the server's."""

from datetime import UTC, datetime

from asyncpg import Connection

START = datetime(2030, 1, 1, tzinfo=UTC)

# The functions name their search path; put first, ours shadows that of pg_catalog. Defaults of columns are bound to a
# function when they are written, so they are bound again.
INSTALL = """
create schema chaos_clock;
create table chaos_clock.instant (at timestamptz not null);
create function chaos_clock.clock_timestamp() returns timestamptz language sql volatile
    as 'select at from chaos_clock.instant';
grant usage on schema chaos_clock to lab_app, lab_system;
grant select on chaos_clock.instant to lab_app, lab_system;
do $$
declare
    each record;
begin
    for each in select oid::regprocedure as name from pg_proc
                where pronamespace = 'public'::regnamespace and exists (
                    select 1 from unnest(proconfig) setting where setting like 'search_path=%')
    loop
        execute format('alter function %s set search_path = chaos_clock, pg_catalog, public, pg_temp', each.name);
    end loop;
    for each in select table_name, column_name from information_schema.columns
                where table_schema = 'public' and column_default like '%clock_timestamp%'
    loop
        execute format('alter table %I alter column %I set default chaos_clock.clock_timestamp()',
                       each.table_name, each.column_name);
    end loop;
    execute format('alter database %I set deadlock_timeout = %L', current_database(), '100ms');
end $$;
"""


async def install_clock(owner: Connection) -> None:
    await owner.execute(INSTALL)
    await owner.execute("insert into chaos_clock.instant values ($1)", START)
