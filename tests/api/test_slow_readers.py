"""A client that does not read is cut off, told where to go on, and misses nothing."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from api.limits import Limits
from api.paging import encode_cursor
from api.server import LabServer
from tests.api.conftest import LIMITS
from tests.api.test_sockets import begun, receive, send, subscribe
from tests.api.test_streams import events_of, streaming, told
from tests.api.toy import ToyServices

# More than the buffers of a loopback connection hold.
EVENTS, CHARACTERS = 600, 50_000
WATCH = "subscription($after: String) { workspaceEvents(after: $after) { cursor number data } }"
VIEWER = {"authorization": "Bearer viewer"}
BEGINNING = encode_cursor("")


@pytest.fixture
def limits() -> Limits:
    # Not less: on a busy machine a client that does read may pause for tenths of a second.
    return replace(LIMITS, socket_send_seconds_max=1.0)


@pytest.fixture
def flood(services: ToyServices) -> None:
    text = "x" * CHARACTERS
    for _ in range(EVENTS):
        services.toys.tell("Changed", text=text)


async def cut_off(server: LabServer, services: ToyServices) -> int:
    """Wait until the subscription has ended; answer the bytes that the server holds for its clients."""
    async with asyncio.timeout(10):
        await services.toys.left.wait()
    lines = [line for line in server.server_state.connections if line.transport]
    return sum(line.transport.get_write_buffer_size() for line in lines)


async def read_to_the_end(socket: ClientConnection) -> tuple[list[dict[str, object]], int, str]:
    found: list[dict[str, object]] = []
    with suppress(ConnectionClosed):
        while True:
            message = json.loads(await socket.recv())
            found += [message["payload"]["data"]["workspaceEvents"]] if message["type"] == "next" else []
    return found, socket.close_code or 1006, socket.close_reason or ""


@pytest.mark.usefixtures("flood")
async def test_a_socket_goes_on_from_the_cursor_of_its_close_reason(server: LabServer, services: ToyServices) -> None:
    async with begun(server, VIEWER) as slow:
        await subscribe(slow, "a", WATCH, variables={"after": BEGINNING})
        assert await cut_off(server, services) < 1_000_000
        async with asyncio.timeout(10):
            before, code, reason = await read_to_the_end(slow)
    assert (code, json.loads(reason)) == (4410, {"after": {"a": before[-1]["cursor"]}})
    async with begun(server, VIEWER) as again:
        await subscribe(again, "b", WATCH, variables={"after": json.loads(reason)["after"]["a"]})
        rest = [(await receive(again))["payload"]["data"]["workspaceEvents"] for _ in range(EVENTS - len(before))]
    assert [event["number"] for event in before + rest] == list(range(1, EVENTS + 1))
    assert rest


@pytest.mark.usefixtures("flood")
async def test_a_stream_goes_on_from_the_cursor_of_its_last_event(server: LabServer, services: ToyServices) -> None:
    async with streaming(server, WATCH, token="viewer", after=BEGINNING) as response:
        assert await cut_off(server, services) < 1_000_000
        *before, last = [event async for event in events_of(response) if "event" in event]
    (error,) = json.loads(last["data"])["errors"]
    assert error["extensions"] == {"code": "RATE_LIMITED", "cursor": before[-1]["id"]}
    resumed = {"last-event-id": error["extensions"]["cursor"]}
    async with streaming(server, WATCH, token="viewer", headers=resumed) as response:
        rest = await told(response, EVENTS - len(before))
    numbers = [json.loads(event["data"])["data"]["workspaceEvents"]["number"] for event in before + rest]
    assert numbers == list(range(1, EVENTS + 1))
    assert rest


async def test_who_never_reads_again_keeps_no_task(server: LabServer, services: ToyServices) -> None:
    async with begun(server, VIEWER) as slow, begun(server) as other:
        await subscribe(slow, "a", "subscription { flood }")
        async with asyncio.timeout(5):
            await services.cancelled.wait()
            while len(server.server_state.tasks) > 1:
                await asyncio.wait(server.server_state.tasks, return_when=asyncio.FIRST_COMPLETED)
        await send(other, type="ping")
        assert await receive(other) == {"type": "pong"}
        slow.transport.abort()
