"""Deleting renders as clients do, and what those hear who watch."""

import json

import httpx
import pytest
from sqlalchemy import text

from api.server import LabServer
from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.renders.use_cases.delete_render import delete_render
from tests.api.asking import ask, ask_as
from tests.api.test_streams import events_of, streaming
from tests.builders_film_crew import Crew, furnish
from tests.builders_studio import Member, code, member

DELETE = """
mutation ($id: ID!) {
  deleteRender(id: $id) { __typename ... on RenderDeleted { id } ... on Refusal { message } }
}
"""
PROGRESS = "subscription ($id: ID!) { renderProgress(id: $id) { event { name } render { state } } }"
NOT_FOUND = {
    "data": {"deleteRender": {"__typename": "RenderNotFound", "message": "There is no such render."}},
}


async def studio(container: Container, role: Role = Role.EDITOR) -> tuple[Member, Crew]:
    somebody = await member(container, role=role)
    return somebody, await furnish(container, somebody.lab.workspace_id)


async def written(container: Container) -> tuple[int, int]:
    """How many renders and events there are in the whole database."""
    async with container.system_work() as work:
        counts = "select (select count(*) from renders), (select count(*) from events)"
        row = (await work.session.execute(text(counts))).one()
    return row[0], row[1]


@pytest.mark.parametrize("is_finished", [True, False], ids=["finished", "running"])
async def test_an_editor_deletes_a_render_once(
    http: httpx.AsyncClient, container: Container, *, is_finished: bool
) -> None:
    editor, crew = await studio(container)
    name = f"render_{(await crew.film() if is_finished else await crew.order()).id}"
    deleted = {"data": {"deleteRender": {"__typename": "RenderDeleted", "id": name}}}
    assert [await ask_as(http, editor.token, DELETE, id=name) for _ in range(2)] == [deleted, NOT_FOUND]
    read = await ask_as(http, editor.token, "query ($id: ID!) { render(id: $id) { state } }", id=name)
    assert read == {"data": {"render": None}}


async def test_nobody_a_viewer_and_a_stranger_delete_nothing(http: httpx.AsyncClient, container: Container) -> None:
    viewer, crew = await studio(container, Role.VIEWER)
    name = f"render_{(await crew.order()).id}"
    stranger = await member(container, email="eve@example.org")
    before = await written(container)
    assert code(await ask(http, DELETE, id=name)) == "UNAUTHENTICATED"
    assert code(await ask_as(http, viewer.token, DELETE, id=name)) == "FORBIDDEN"
    assert await ask_as(http, stranger.token, DELETE, id=name) == NOT_FOUND
    assert await written(container) == before


async def test_the_deletion_is_the_last_that_is_told(server: LabServer, container: Container) -> None:
    editor, crew = await studio(container)
    render = await crew.order()
    async with streaming(server, PROGRESS, token=editor.token, id=f"render_{render.id}") as response:
        events = (event async for event in events_of(response) if "event" in event)
        first = await anext(events)
        async with container.work(crew.workspace_id) as work:
            await delete_render(work, render_id=render.id, now=container.now())
        seen = [first, *[await anext(events) for _ in range(2)]]
        end = await anext(events)
    told = [json.loads(event["data"])["data"]["renderProgress"] for event in seen]
    assert [each["event"]["name"] for each in told] == ["RenderRequested", "RenderCanceled", "RenderDeleted"]
    assert told[-1]["render"] is None
    assert end["event"] == "complete"
