"""What answers in the lab's place is told from the lab, and what passes is waited for."""

import asyncio
import json

import httpx
import pytest
from starlette.responses import HTMLResponse, JSONResponse

from client.transport import NoGraphQL, RequestRefused, data_of
from tests.client.fake_lab import FakeLab, data, in_turn, refusal, serving

ME = "query Me { me }"


async def test_a_query_is_asked_again_while_the_lab_or_its_database_is_away() -> None:
    away = (HTMLResponse("<h1>Bad Gateway</h1>", 502), JSONResponse({"message": "busy"}, 503), refusal("UNAVAILABLE"))
    async with serving(FakeLab(in_turn(*away, data(me="Ada")))) as transport, asyncio.timeout(30):
        assert await transport.execute_patiently(ME) == {"me": "Ada"}


async def test_a_query_that_is_refused_for_good_is_not_asked_again() -> None:
    async with serving(FakeLab(in_turn(refusal("NOT_FOUND"), data(me="Ada")))) as transport, asyncio.timeout(10):
        with pytest.raises(RequestRefused):
            await transport.execute_patiently(ME)


@pytest.mark.parametrize(
    "told",
    [
        "<h1>Bad Gateway</h1>",
        "",
        "null",
        '["busy"]',
        '{"message": "busy"}',
        '{"errors": []}',
        '{"errors": ["busy"]}',
        '{"errors": "busy"}',
        '{"errors": [{"status": "502"}]}',
        '{"data": null}',
        '{"data": "busy"}',
    ],
)
def test_what_is_no_graphql_is_told_in_a_line_with_who_said_it(told: str) -> None:
    with pytest.raises(NoGraphQL, match=r"^502 Bad Gateway from lab\.example, and no GraphQL\.$") as raised:
        data_of(answer(502, told))
    assert isinstance(raised.value, httpx.TransportError)


def test_errors_of_the_lab_are_a_refusal_whatever_the_status() -> None:
    errors = [{"message": "Not now.", "extensions": {"code": "UNAVAILABLE"}}]
    with pytest.raises(RequestRefused, match=r"^Not now\.$") as refused:
        data_of(answer(503, json.dumps({"data": None, "errors": errors})))
    assert refused.value.is_passing


def answer(status: int, told: str) -> httpx.Response:
    return httpx.Response(status, content=told.encode(), request=httpx.Request("POST", "http://lab.example/graphql"))
