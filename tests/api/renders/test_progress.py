"""A render is followed to its end, from wherever a client comes back; a workspace from where it stands."""

import asyncio
import json

import httpx

from api.server import LabServer
from bootstrap.container import Container
from domain.renders.use_cases.deciding import cancel_render
from tests.api.asking import ask_as
from tests.api.renders.test_queue import studio
from tests.api.test_streams import events_of, streaming
from tests.builders_film_crew import NOW

FOLLOW = "subscription ($id: ID!, $after: String) { renderProgress(id: $id, after: $after) { cursor event { name } } }"
EVENTS = "subscription ($after: String) { workspaceEvents(after: $after) { name } }"


async def followed(server: LabServer, token: str, render_id: str, *, after: str | None = None) -> list[tuple[str, str]]:
    """The names and cursors of a render's events, until the lab says that it is over."""
    seen: list[tuple[str, str]] = []
    async with asyncio.timeout(10), streaming(server, FOLLOW, token=token, id=render_id, after=after) as response:
        async for event in events_of(response):
            if event.get("event") == "next":
                told = json.loads(event["data"])["data"]["renderProgress"]
                seen += [(told["event"]["name"], told["cursor"])] if told["event"] else []
    return seen


async def test_who_comes_back_behind_the_last_event_is_told_that_it_is_over(
    server: LabServer, container: Container
) -> None:
    viewer, crew = await studio(container)
    render = await crew.order()
    async with crew.work() as work:
        await cancel_render(work, render_id=render.id, now=NOW)
    seen = await followed(server, viewer.token, f"render_{render.id}")
    assert [name for name, _ in seen] == ["RenderRequested", "RenderCanceled"]
    assert await followed(server, viewer.token, f"render_{render.id}", after=seen[-2][1]) == seen[-1:]
    assert await followed(server, viewer.token, f"render_{render.id}", after=seen[-1][1]) == []


async def test_a_workspace_is_followed_from_where_it_stood_when_asked(
    server: LabServer, http: httpx.AsyncClient, container: Container
) -> None:
    viewer, crew = await studio(container)
    cursor = (await ask_as(http, viewer.token, "{ eventsCursor }"))["data"]["eventsCursor"]
    await crew.order()
    async with asyncio.timeout(10), streaming(server, EVENTS, token=viewer.token, after=cursor) as response:
        events = (event async for event in events_of(response) if "event" in event)
        assert json.loads((await anext(events))["data"])["data"]["workspaceEvents"]["name"] == "RenderRequested"
