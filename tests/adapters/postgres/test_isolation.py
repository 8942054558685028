"""Row-level security is the second lock behind the queries."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from adapters.postgres.work import PostgresWork
from bootstrap.container import Container
from domain.identifiers import WorkspaceId


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
