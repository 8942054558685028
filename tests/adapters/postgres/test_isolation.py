"""Row-level security is the second lock behind the queries."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from adapters.postgres.work import PostgresWork
from bootstrap.container import Container
from domain.identifiers import WorkspaceId
from tests.builders_jobs import Bench

POLICY = "ALL (workspace_id = (NULLIF(current_setting('lab.workspace_id'::text, true), ''::text))::uuid)"
# What the application's role reads whatever the workspace is.
OPEN = {
    "users": "who signs in is in no workspace yet",
    "attempts": "limits of what an address may try before anybody is known",
    "refresh_tokens": "a session is looked up by its token's digest, before its workspace is known",
    "sessions": "as the tokens; and sockets of all workspaces are checked at once",
    "memberships": "they tell which workspaces a user has",
    "workspaces": "found by a membership",
    "operators": "who may look after the engine, in no workspace",
    "job_run_times": "how long kinds of jobs take, of all workspaces together",
    "lab": "which lab it is: one row",
    "alembic_version": "the revision of the schema",
}
REACHED = text("""
select c.relname as name, c.relrowsecurity as is_locked, array(
  select p.cmd || ' ' || p.qual || coalesce(' ' || p.with_check, '') from pg_policies p
  where p.schemaname = 'public' and p.tablename = c.relname and p.roles && array['lab_app', 'public']::name[]
) as policies
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind not in ('i', 'I', 'S', 'c') and (
  has_any_column_privilege('lab_app', c.oid, 'select, insert, update')
  or has_table_privilege('lab_app', c.oid, 'delete, truncate')
)
""")


async def add_workspace(container: Container) -> WorkspaceId:
    workspace_id = WorkspaceId(container.new_id())
    async with container.work() as work:
        statement = text("insert into workspaces (id, name, created_at) values (:id, 'Studio', now())")
        await work.session.execute(statement, {"id": workspace_id})
    return workspace_id


async def add_character(work: PostgresWork, workspace_id: WorkspaceId) -> None:
    statement = text(
        "insert into characters (id, workspace_id, name, state, created_at, updated_at) "
        "values (:id, :workspace, 'Peter', 'ready', now(), now())"
    )
    await work.session.execute(statement, {"id": work.new_id(), "workspace": workspace_id})


async def count_characters(container: Container, workspace_id: WorkspaceId | None) -> int | None:
    async with container.work(workspace_id) as work:
        return await work.session.scalar(text("select count(*) from characters"))


async def unlocked(container: Container) -> set[str]:
    """The relations that the application's role reaches, and that do not keep it to one workspace."""
    async with container.work() as work:
        reached = list(await work.session.execute(REACHED))
    assert {"characters", "jobs", "takes"} <= {each.name for each in reached}
    return {each.name for each in reached if not each.is_locked or each.policies != [POLICY]}


async def test_every_table_keeps_the_application_to_one_workspace_but_those_with_a_reason(container: Container) -> None:
    assert await unlocked(container) == set(OPEN)


async def test_the_applications_role_cannot_pass_the_policies_by(container: Container) -> None:
    async with container.work() as work:
        role = await work.session.execute(
            text(
                "select rolsuper, rolbypassrls, exists (select 1 from pg_class where relowner = r.oid) as is_owner"
                " from pg_roles r where rolname = current_user"
            )
        )
    assert [tuple(each) for each in role] == [(False, False, False)]


@pytest.mark.parametrize(
    "careless",
    [
        "create table notes (workspace_id uuid not null); grant select on notes to lab_app",
        "create view notes as select * from characters; grant select on notes to lab_app",
        "alter table characters disable row level security",
        "drop policy workspace on characters",
        "create policy all_of_it on characters for select to lab_app using (true)",
        "alter policy workspace on characters with check (true)",
    ],
)
async def test_a_table_that_was_left_open_is_found(container: Container, careless: str) -> None:
    for statement in careless.split("; "):
        await Bench(container).as_owner(statement)
    assert len(await unlocked(container) - set(OPEN)) == 1


async def test_a_query_that_forgets_the_workspace_sees_one_workspace_only(container: Container) -> None:
    ours, theirs = await add_workspace(container), await add_workspace(container)
    async with container.work(ours) as work:
        await add_character(work, ours)
    assert await count_characters(container, ours) == 1
    assert await count_characters(container, theirs) == 0
    assert await count_characters(container, None) == 0


async def test_a_row_cannot_be_written_into_another_workspace(container: Container) -> None:
    ours, theirs = await add_workspace(container), await add_workspace(container)
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with container.work(ours) as work:
            await add_character(work, theirs)


async def test_the_jobs_role_sees_every_workspace(container: Container) -> None:
    for _ in range(2):
        workspace_id = await add_workspace(container)
        async with container.work(workspace_id) as work:
            await add_character(work, workspace_id)
    async with container.system_database.work() as work:
        assert await work.session.scalar(text("select count(*) from characters")) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "insert into operators (user_id) values (gen_random_uuid())",
        "select * from operator_actions",
        "select * from worker_models",
        "select operator_grant('me', 'I want to.', 'ada@example.org')",
        "select job_requeue('me', 'I want to.', gen_random_uuid())",
        "select job_set_aside('me', 'I want to.', gen_random_uuid())",
        "select queue_pause('me', 'I want to.', 'cpu')",
        "select worker_set_state('me', 'I want to.', 'worker-1', 'draining')",
    ],
)
async def test_the_applications_role_cannot_do_what_operators_do(container: Container, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with container.work() as work:
            await work.session.execute(text(statement))
