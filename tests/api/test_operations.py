"""Permissions, pages, nodes, loaders, limits and deadlines, over whole documents."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import httpx
import pytest
from starlette.types import ASGIApp

from api.app import create_app
from api.limits import Limits
from api.paging import decode_cursor, encode_cursor
from api.schema import LabSchema
from domain.errors import Invalid
from tests.api.asking import ask, ask_as
from tests.api.conftest import LIMITS
from tests.api.toy import THINGS, WORKSPACE, ToyServices

THINGS_QUERY = """query($first: Int, $after: String) { things(first: $first, after: $after) {
  nodes { id label } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


def code_of(result: dict[str, list[dict[str, dict[str, str]]]]) -> str:
    return result["errors"][0]["extensions"]["code"] if "errors" in result else "OK"


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("", "UNAUTHENTICATED"),
        ("forged", "UNAUTHENTICATED"),
        ("viewer", "FORBIDDEN"),
        ("editor", "FORBIDDEN"),
        ("owner", "OK"),
    ],
)
async def test_a_field_opens_to_its_role_only(http: httpx.AsyncClient, role: str, code: str) -> None:
    assert code_of(await ask_as(http, role, "mutation { burn }")) == code


async def test_a_refused_caller_opens_no_transaction(http: httpx.AsyncClient, services: ToyServices) -> None:
    await ask_as(http, "", THINGS_QUERY)
    assert services.works == []


async def test_an_open_field_answers_even_with_a_token_that_is_no_longer_good(http: httpx.AsyncClient) -> None:
    assert await ask_as(http, "forged", "{ hello }") == {"data": {"hello": "Hello, world!"}}


async def test_pages_follow_one_another_by_their_cursors(http: httpx.AsyncClient) -> None:
    first = (await ask_as(http, "viewer", THINGS_QUERY, first=2))["data"]["things"]
    after = first["pageInfo"]["endCursor"]
    second = (await ask_as(http, "viewer", THINGS_QUERY, first=100, after=after))["data"]["things"]
    assert [node["label"] for node in first["nodes"] + second["nodes"]] == [f"label {n}" for n in range(5)]
    assert first["pageInfo"]["hasNextPage"]
    assert second["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": second["edges"][0]["cursor"],
        "endCursor": second["edges"][-1]["cursor"],
    }


@pytest.mark.parametrize(
    "arguments", ["first: -1", "first: 101", "last: 101", "first: 1, last: 1", 'after: "x"', 'before: "x"']
)
async def test_a_page_out_of_bounds_is_invalid(http: httpx.AsyncClient, arguments: str) -> None:
    assert code_of(await ask_as(http, "viewer", f"{{ things({arguments}) {{ nodes {{ id }} }} }}")) == "INVALID"


@pytest.mark.parametrize("raw", ["", "a", "2026-11-24|0194", "字", "x" * 700])
def test_a_cursor_comes_back_as_it_was(raw: str) -> None:
    assert decode_cursor(encode_cursor(raw)) == raw


@pytest.mark.parametrize(
    "given", ["", "=", "AAAA", "!!!!", "é", "x" * 2000, encode_cursor("a") + "=", encode_cursor("a")[:-1]]
)
def test_a_cursor_of_another_make_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="not one of ours"):
        decode_cursor(given)


async def test_nodes_come_in_the_order_asked_for(http: httpx.AsyncClient) -> None:
    unknown = "thing_01940000-0000-7000-8000-999999999999"
    ids = [f"thing_{THINGS[1]}", unknown, f"thing_{THINGS[0]}", f"thing_{THINGS[1]}", f"film_{THINGS[0]}"]
    result = await ask_as(http, "viewer", "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    found = [node and node["id"] for node in result["data"]["nodes"]]
    assert found == [ids[0], None, ids[2], ids[3], None]


async def test_at_most_100_nodes_are_fetched_at_once(http: httpx.AsyncClient) -> None:
    ids = [f"thing_{THINGS[0]}"] * 101
    assert (
        code_of(await ask_as(http, "viewer", "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)) == "INVALID"
    )


async def test_siblings_are_loaded_in_one_transaction(http: httpx.AsyncClient, services: ToyServices) -> None:
    await ask_as(http, "viewer", "{ things { nodes { label others { label } } } }")
    assert services.works == [WORKSPACE] * 2


async def test_what_an_operation_cost_is_told(http: httpx.AsyncClient) -> None:
    body = {"query": THINGS_QUERY, "variables": {"first": 7}}
    response = await http.post("/graphql", json=body, headers={"authorization": "Bearer viewer"})
    assert response.json()["extensions"] == {"cost": {"requestedQueryCost": 16, "maximumQueryCost": LIMITS.cost_max}}


class TestImpatient:
    """An application with a short deadline."""

    @pytest.fixture
    def app(self, services: ToyServices, schema: LabSchema, limits: Limits, stopping: asyncio.Event) -> ASGIApp:
        short = replace(limits, operation_seconds_max=0.02, body_seconds_max=0.02)
        return create_app(services, schema=schema, limits=short, stopping=stopping)

    async def test_a_body_that_does_not_come_is_not_waited_for(self, http: httpx.AsyncClient) -> None:
        async def slow() -> AsyncGenerator[bytes]:
            yield b"{"
            await asyncio.Event().wait()

        response = await http.post("/graphql", content=slow(), headers={"content-type": "application/json"})
        assert (response.status_code, response.headers["connection"]) == (408, "close")

    async def test_an_operation_past_its_deadline_is_stopped(
        self, http: httpx.AsyncClient, services: ToyServices
    ) -> None:
        result = await ask(http, "{ slow }")
        assert (code_of(result), services.cancelled.is_set()) == ("UNAVAILABLE", True)
