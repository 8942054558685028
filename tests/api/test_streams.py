"""Server-sent events in graphql-sse's distinct connections mode."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from api.paging import encode_cursor
from api.server import LabServer
from tests.api.toy import ToyServices

EVENTS = "subscription($after: String) { workspaceEvents(after: $after) { number name } }"


@asynccontextmanager
async def streaming(
    server: LabServer, query: str, *, token: str = "", headers: dict[str, str] | None = None, **variables: object
) -> AsyncGenerator[httpx.Response]:
    authorization = {"authorization": f"Bearer {token}"} if token else {}
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=5) as client,
        client.stream(
            "POST",
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"accept": "text/event-stream", **authorization, **(headers or {})},
        ) as response,
    ):
        yield response


async def events_of(response: httpx.Response) -> AsyncIterator[dict[str, str]]:
    """The events of a stream, their fields by name; comments under the empty name."""
    event: dict[str, str] = {}
    async for line in response.aiter_lines():
        if not line:
            yield event
            event = {}
        else:
            name, _, value = line.partition(":")
            event[name] = value.strip()


async def told(response: httpx.Response, count: int) -> list[dict[str, str]]:
    """The next events that are no heartbeats."""
    found: list[dict[str, str]] = []
    async for event in events_of(response):
        if "event" in event:
            found.append(event)
        if len(found) == count:
            break
    return found


async def test_a_subscription_streams_next_and_complete(server: LabServer) -> None:
    async with streaming(server, "subscription { count(to: 2) }") as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert await told(response, 3) == [
            {"event": "next", "data": '{"data":{"count":1}}'},
            {"event": "next", "data": '{"data":{"count":2}}'},
            {"event": "complete", "data": ""},
        ]


async def test_a_query_streams_its_one_result(server: LabServer) -> None:
    async with streaming(server, "{ hello }") as response:
        result, end = await told(response, 2)
    assert (json.loads(result["data"])["data"], end["event"]) == ({"hello": "Hello, world!"}, "complete")


async def test_a_get_streams_too(server: LabServer) -> None:
    headers = {"accept": "text/event-stream"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
        response = await client.get("/graphql", params={"query": "{ hello }"}, headers=headers)
    assert response.text.startswith('event: next\ndata: {"data":{"hello":"Hello, world!"}')


async def test_a_silent_stream_keeps_its_heart_beating(server: LabServer) -> None:
    async with streaming(server, "subscription { waiting }") as response:
        beats = events_of(response)
        assert [await anext(beats) for _ in range(2)] == [{"": ""}, {"": ""}]


async def test_events_carry_ids_and_the_last_one_resumes(server: LabServer, services: ToyServices) -> None:
    for _ in range(3):
        services.toys.tell("Changed")
    async with streaming(server, EVENTS, token="viewer", after=encode_cursor("000001")) as response:
        first, second = await told(response, 2)
    assert [json.loads(event["data"])["data"]["workspaceEvents"]["number"] for event in (first, second)] == [2, 3]
    async with streaming(
        server, EVENTS, token="viewer", headers={"last-event-id": first["id"]}, after=encode_cursor("")
    ) as response:
        (resumed,) = await told(response, 1)
    assert (resumed["id"], resumed["data"]) == (second["id"], second["data"])


async def test_what_happens_while_watching_arrives(server: LabServer, services: ToyServices) -> None:
    services.toys.tell("Before")
    async with streaming(server, EVENTS, token="viewer") as response:
        await services.toys.reads.get()
        services.toys.tell("After")
        (event,) = await told(response, 1)
    assert json.loads(event["data"]) == {"data": {"workspaceEvents": {"number": 2, "name": "After"}}}


@pytest.mark.parametrize("cursor", ["x", "AAAAAAAA", "000001", "é"])
async def test_a_made_up_cursor_is_invalid(server: LabServer, cursor: str) -> None:
    async with streaming(server, EVENTS, token="viewer", after=cursor) as response:
        (event, _) = await told(response, 2)
    (error,) = json.loads(event["data"])["errors"]
    assert error["extensions"] == {"code": "INVALID", "field": "after"}


async def test_a_document_that_cannot_run_is_refused_in_json(server: LabServer) -> None:
    async with streaming(server, "subscription {") as response:
        await response.aread()
    assert (response.status_code, list(response.json())) == (400, ["errors"])


async def test_a_refusal_to_subscribe_is_told_on_the_stream(server: LabServer) -> None:
    async with streaming(server, EVENTS) as response:
        event, end = await told(response, 2)
    assert json.loads(event["data"])["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert end["event"] == "complete"


async def test_a_client_that_leaves_stops_its_stream(server: LabServer, services: ToyServices) -> None:
    async with streaming(server, "subscription { waiting }") as response:
        await anext(events_of(response))
    async with asyncio.timeout(5):
        await services.cancelled.wait()


async def test_a_client_that_leaves_stops_its_query(server: LabServer, services: ToyServices) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    body = b'{"query":"{slow}"}'
    head = f"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    async with asyncio.timeout(5):
        await services.started.wait()
        writer.close()
        await services.cancelled.wait()
    assert await reader.read() == b""


async def test_a_server_that_goes_down_ends_streams_without_complete(server: LabServer) -> None:
    async with streaming(server, "subscription { waiting }") as response:
        stream = events_of(response)
        await anext(stream)
        server.should_exit = True
        assert [event async for event in stream if event.get("event")] == []


async def test_a_client_that_does_not_read_is_cut_off(server: LabServer, services: ToyServices) -> None:
    async with streaming(server, "subscription { flood }"), asyncio.timeout(5):
        await services.cancelled.wait()
