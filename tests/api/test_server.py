"""The server over the real database, bus and store."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import create_app
from api.limits import Limits
from api.paging import encode_cursor
from api.server import LabServer
from bootstrap.container import Container
from bootstrap.health import dependency_checks
from domain.events import Event, Stream, StreamKind
from tests.api.asking import ask, ask_as
from tests.api.test_sockets import begun, receive, subscribe
from tests.serving import listening

SIGN_UP = """mutation($email: String!) { signUp(input: {email: $email, password: "a sentence is better"}) {
  ... on SignedUp { tokens { accessToken } } } }"""
ME = "{ me { user { email } role } }"
WATCH = "subscription($after: String) { workspaceEvents(after: $after) { cursor number name subjectId data } }"


@pytest.fixture
async def real(container: Container) -> AsyncIterator[LabServer]:
    limits, stopping = Limits(), asyncio.Event()
    app = create_app(container, checks=dependency_checks(container), limits=limits, stopping=stopping)
    server = LabServer(app, host="127.0.0.1", port=0, limits=limits, stopping=stopping)
    async with listening(server):
        yield server


@pytest.fixture
async def http(real: LabServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{real.port}") as client:
        yield client


async def token_of(http: httpx.AsyncClient, email: str) -> str:
    return (await ask(http, SIGN_UP, email=email))["data"]["signUp"]["tokens"]["accessToken"]


async def tell(container: Container, token: str, name: str) -> None:
    """Record an event in the workspace of the token."""
    caller = await container.authenticate(token)
    async with container.work(caller.workspace_id) as work:
        await work.events.append(Event(Stream(StreamKind.CHARACTER, container.new_id(), caller.workspace_id), name))


async def test_every_dependency_answers(http: httpx.AsyncClient) -> None:
    response = await http.get("/readyz")
    dependencies = response.json()["dependencies"]
    assert {name: each["status"] for name, each in dependencies.items()} == dict.fromkeys(
        ("postgres", "redis", "storage"), "ok"
    )
    assert response.status_code == 200


async def test_a_token_says_who_asks(http: httpx.AsyncClient) -> None:
    token = await token_of(http, "ada@example.org")
    assert await ask_as(http, token, ME) == {"data": {"me": {"user": {"email": "ada@example.org"}, "role": "OWNER"}}}


async def test_events_of_ones_own_workspace_arrive_live_and_again_from_a_cursor(
    real: LabServer, container: Container, http: httpx.AsyncClient
) -> None:
    mine, theirs = await token_of(http, "ada@example.org"), await token_of(http, "bob@example.org")
    workspace_id = (await container.authenticate(mine)).workspace_id
    start = encode_cursor(await container.feed.newest_cursor(workspace_id))
    async with begun(real, {"authorization": f"Bearer {mine}"}) as socket:
        await subscribe(socket, "a", WATCH, variables={"after": start})
        await asyncio.gather(*(tell(container, token, f"Told{n}") for n in range(3) for token in (theirs,)))
        await tell(container, mine, "First")
        await tell(container, mine, "Second")
        live = [(await receive(socket))["payload"]["data"]["workspaceEvents"] for _ in range(2)]
        assert [event["name"] for event in live] == ["First", "Second"]
        await subscribe(socket, "b", WATCH, variables={"after": live[0]["cursor"]})
        again = await receive(socket)
    assert (again["id"], again["payload"]["data"]["workspaceEvents"]) == ("b", live[1])
