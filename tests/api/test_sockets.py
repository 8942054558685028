"""graphql-transport-ws: what each message, good or bad, comes to."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

import pytest
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from api.app import create_app
from api.limits import Limits
from api.schema import LabSchema
from api.server import LabServer
from tests.api.conftest import LIMITS
from tests.api.toy import ToyServices

PROTOCOL = Subprotocol("graphql-transport-ws")
Message = dict[str, Any]


class Listening(Protocol):
    """A server on a port."""

    @property
    def port(self) -> int: ...


@asynccontextmanager
async def opened(server: Listening, *, token: str = "") -> AsyncGenerator[ClientConnection]:
    """A socket before its connection_init."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    address = f"ws://127.0.0.1:{server.port}/graphql"
    async with connect(address, subprotocols=[PROTOCOL], additional_headers=headers) as socket:
        yield socket


@asynccontextmanager
async def begun(server: Listening, payload: object = None) -> AsyncGenerator[ClientConnection]:
    """A socket that has been acknowledged."""
    async with opened(server) as socket:
        await send(socket, type="connection_init", payload=payload)
        assert await receive(socket) == {"type": "connection_ack"}
        yield socket


async def send(socket: ClientConnection, **message: object) -> None:
    await socket.send(json.dumps(message))


async def subscribe(socket: ClientConnection, key: str, query: object, **payload: object) -> None:
    await send(socket, id=key, type="subscribe", payload={"query": query, **payload})


async def receive(socket: ClientConnection) -> Message:
    async with asyncio.timeout(5):
        return json.loads(await socket.recv())


async def closing(socket: ClientConnection) -> int:
    """The code that the server closes with, whatever it sends before."""
    async with asyncio.timeout(5):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


async def test_a_subscription_gives_its_events_and_completes(server: LabServer) -> None:
    async with begun(server) as socket:
        await subscribe(socket, "a", "subscription { count(to: 2) }")
        assert [await receive(socket) for _ in range(3)] == [
            {"id": "a", "type": "next", "payload": {"data": {"count": 1}}},
            {"id": "a", "type": "next", "payload": {"data": {"count": 2}}},
            {"id": "a", "type": "complete"},
        ]


async def test_a_query_gives_one_result_and_completes(server: LabServer) -> None:
    async with begun(server, {}) as socket:
        await subscribe(socket, "a", "query($n: String!) { hello(name: $n) }", variables={"n": "Ada"})
        result = await receive(socket)
        assert (result["type"], result["payload"]["data"]) == ("next", {"hello": "Hello, Ada!"})
        assert await receive(socket) == {"id": "a", "type": "complete"}


async def test_an_id_is_free_again_once_its_operation_is_complete(server: LabServer) -> None:
    async with begun(server) as socket:
        for _ in range(2):
            await subscribe(socket, "a", "subscription { count(to: 1) }")
            assert [(await receive(socket))["type"] for _ in range(2)] == ["next", "complete"]


BAD_OPERATIONS = {
    "a syntax error": {"query": "subscription {"},
    "an unknown field": {"query": "{ nothing }"},
    "two operations and no name": {"query": "query A { hello } query B { hello }"},
    "an unknown operation": {"query": "query A { hello }", "operationName": "B"},
    "no operation": {"query": "fragment A on Query { hello }"},
    "a query that is a number": {"query": 1},
    "no query": {},
    "variables that are a list": {"query": "{ hello }", "variables": [1]},
    "variables that do not fit": {"query": "query($n: String!) { hello(name: $n) }", "variables": {"n": 1}},
    "an operation name that is a number": {"query": "{ hello }", "operationName": 1},
    "a payload that is a list": [1],
    "a payload that is null": None,
    "a subscription without permission": {"query": "subscription { watching(to: 1) { id } }"},
    "a nest": {"query": "{a" * 300},
}


@pytest.mark.parametrize("payload", BAD_OPERATIONS.values(), ids=BAD_OPERATIONS.keys())
async def test_a_bad_operation_gets_its_error_and_leaves_the_others_alone(server: LabServer, payload: object) -> None:
    async with begun(server) as socket:
        await subscribe(socket, "good", "subscription { waiting }")
        await send(socket, id="bad", type="subscribe", payload=payload)
        error = await receive(socket)
        assert (error["id"], error["type"]) == ("bad", "error")
        assert {each["extensions"]["code"] for each in error["payload"]} <= {"INVALID", "UNAUTHENTICATED"}
        await subscribe(socket, "after", "subscription { count(to: 1) }")
        assert (await receive(socket))["payload"] == {"data": {"count": 1}}


BAD_MESSAGES = {
    "no JSON": "x",
    "a string": '"x"',
    "null": "null",
    "a list": "[]",
    "a number": "1",
    "nothing": "",
    "an object without type": "{}",
    "an unknown type": '{"type": "start"}',
    "a type that is a number": '{"type": 1}',
    "a type that is a list": '{"type": ["ping"]}',
    "a subscribe without id": '{"type": "subscribe", "payload": {"query": "{hello}"}}',
    "an id that is a number": '{"type": "subscribe", "id": 1, "payload": {"query": "{hello}"}}',
    "an empty id": '{"type": "subscribe", "id": "", "payload": {"query": "{hello}"}}',
    "an id of 256 letters": json.dumps({"type": "subscribe", "id": "x" * 256, "payload": {"query": "{hello}"}}),
    "a complete without id": '{"type": "complete"}',
    "NaN": '{"type": "ping", "payload": {"a": NaN}}',
    "a deep nest": '{"type": "ping", "payload": ' + "[" * 20_000 + "]" * 20_000 + "}",
    "the same key twice": '{"type": "ping", "type": "ping"}',
    "a lone surrogate": '{"type": "ping", "payload": {"a": "\\ud800"}}',
    "binary": b'{"type": "ping"}',
}


@pytest.mark.parametrize("message", BAD_MESSAGES.values(), ids=BAD_MESSAGES.keys())
async def test_what_is_no_message_closes_with_4400(server: LabServer, message: str | bytes) -> None:
    async with begun(server) as socket:
        await socket.send(message)
        assert await closing(socket) == 4400


async def test_bytes_that_are_not_utf8_close_with_1007(server: LabServer) -> None:
    async with begun(server) as socket:
        await socket.send(b"\xff\xfe", text=True)
        assert await closing(socket) == 1007


async def test_a_message_over_the_limit_closes_with_1009(server: LabServer) -> None:
    async with begun(server) as socket:
        await send(socket, type="ping", payload={"a": "x" * LIMITS.socket_message_bytes_max})
        assert await closing(socket) == 1009


async def test_an_operation_before_the_acknowledgement_closes_with_4401(server: LabServer) -> None:
    async with opened(server) as socket:
        await subscribe(socket, "a", "{ hello }")
        assert await closing(socket) == 4401


async def test_an_id_in_use_closes_with_4409(server: LabServer) -> None:
    async with begun(server) as socket:
        await subscribe(socket, "a", "subscription { waiting }")
        await subscribe(socket, "a", "subscription { waiting }")
        assert await closing(socket) == 4409


async def test_a_second_init_closes_with_4429(server: LabServer) -> None:
    async with begun(server) as socket:
        await send(socket, type="connection_init")
        assert await closing(socket) == 4429


@pytest.mark.parametrize("payload", ["x", 1, [1], False])
async def test_an_init_with_another_payload_closes_with_4400(server: LabServer, payload: object) -> None:
    async with opened(server) as socket:
        await send(socket, type="connection_init", payload=payload)
        assert await closing(socket) == 4400


async def test_ping_is_answered_before_and_after_init(server: LabServer) -> None:
    async with opened(server) as socket:
        await send(socket, type="ping", payload={"a": 1})
        assert await receive(socket) == {"type": "pong"}
        await send(socket, type="pong")
        await send(socket, type="connection_init")
        assert await receive(socket) == {"type": "connection_ack"}


async def test_complete_stops_the_operation_and_frees_its_id(server: LabServer, services: ToyServices) -> None:
    async with begun(server) as socket:
        await subscribe(socket, "a", "subscription { waiting }")
        await send(socket, id="a", type="complete")
        await subscribe(socket, "a", "subscription { count(to: 1) }")
        assert (await receive(socket))["payload"] == {"data": {"count": 1}}
        await send(socket, id="never started", type="complete")
        assert (await receive(socket))["type"] == "complete"


async def test_a_client_that_leaves_stops_its_operations(server: LabServer, services: ToyServices) -> None:
    async with begun(server) as socket:
        await subscribe(socket, "a", "subscription { waiting }")
        await subscribe(socket, "b", "subscription { count(to: 1) }")
        await receive(socket)
    async with asyncio.timeout(5):
        await services.cancelled.wait()


async def test_one_operation_too_many_is_refused_alone(server: LabServer) -> None:
    async with begun(server) as socket:
        for number in range(LIMITS.socket_operations_max):
            await subscribe(socket, str(number), "subscription { waiting }")
        await subscribe(socket, "last", "subscription { waiting }")
        error = await receive(socket)
        assert (error["id"], error["payload"][0]["extensions"]) == ("last", {"code": "RATE_LIMITED"})


async def test_our_bug_in_a_subscription_shows_no_secret(server: LabServer) -> None:
    async with begun(server) as socket:
        await subscribe(socket, "a", "subscription { breaking }")
        first, second, last = [await receive(socket) for _ in range(3)]
        assert first["payload"] == {"data": {"breaking": 1}}
        assert "swordfish" not in json.dumps(second)
        assert second["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL"
        assert last == {"id": "a", "type": "complete"}


@pytest.mark.parametrize("name", ["authorization", "Authorization"])
async def test_the_token_may_come_with_init(server: LabServer, name: str) -> None:
    async with begun(server, {name: "Bearer viewer"}) as socket:
        await subscribe(socket, "a", "subscription { watching(to: 1) { label } }")
        assert (await receive(socket))["payload"] == {"data": {"watching": {"label": "label 0"}}}


async def test_the_token_may_come_with_the_handshake(server: LabServer) -> None:
    async with opened(server, token="viewer") as socket:
        await send(socket, type="connection_init")
        await subscribe(socket, "a", "subscription { watching(to: 1) { label } }")
        assert [(await receive(socket))["type"] for _ in range(2)] == ["connection_ack", "next"]


async def test_a_bad_token_closes_with_4403(server: LabServer) -> None:
    async with opened(server) as socket:
        await send(socket, type="connection_init", payload={"authorization": "Bearer forged"})
        assert await closing(socket) == 4403


async def test_a_socket_ends_with_its_token(server: LabServer, services: ToyServices) -> None:
    services.lifetime = timedelta(milliseconds=50)
    async with begun(server, {"authorization": "Bearer viewer"}) as socket:
        # On a busy machine the token can expire before its operation has begun.
        with suppress(ConnectionClosed):
            await subscribe(socket, "a", "subscription { waiting }")
        assert await closing(socket) == 4403


async def test_an_operation_after_the_expiry_is_refused(server: LabServer, services: ToyServices) -> None:
    async with begun(server, {"authorization": "Bearer viewer"}) as socket:
        services.moment += timedelta(hours=1)
        await subscribe(socket, "a", "subscription { watching(to: 1) { label } }")
        assert (await receive(socket))["payload"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


@pytest.mark.parametrize("protocols", [None, [Subprotocol("graphql-ws")]])
async def test_another_subprotocol_closes_with_4406(server: LabServer, protocols: list[Subprotocol] | None) -> None:
    async with connect(f"ws://127.0.0.1:{server.port}/graphql", subprotocols=protocols) as socket:
        assert await closing(socket) == 4406


async def test_a_page_of_another_origin_is_turned_away(server: LabServer) -> None:
    with pytest.raises(Exception, match="403"):
        async with connect(
            f"ws://127.0.0.1:{server.port}/graphql",
            subprotocols=[PROTOCOL],
            additional_headers={"origin": "http://evil"},
        ):
            pass


async def test_the_server_says_come_back_when_it_goes_down(server: LabServer) -> None:
    async with begun(server) as socket:
        await subscribe(socket, "a", "subscription { waiting }")
        server.should_exit = True
        assert await closing(socket) == 1012


class TestHasty:
    """A server with little patience."""

    @pytest.fixture
    def limits(self) -> Limits:
        return replace(LIMITS, socket_init_seconds_max=0.2, socket_ping_seconds=0.02, socket_send_seconds_max=0.1)

    @pytest.fixture
    def app(self, services: ToyServices, schema: LabSchema, limits: Limits, stopping: asyncio.Event) -> ASGIApp:
        return create_app(services, schema=schema, limits=limits, stopping=stopping)

    async def test_no_init_in_time_closes_with_4408(self, server: LabServer) -> None:
        async with opened(server) as socket:
            assert await closing(socket) == 4408

    async def test_an_idle_socket_is_pinged(self, server: LabServer) -> None:
        async with begun(server) as socket:
            assert [await receive(socket) for _ in range(2)] == [{"type": "ping"}, {"type": "ping"}]

    async def test_a_client_that_does_not_read_is_cut_off_alone(self, server: LabServer, services: ToyServices) -> None:
        async with begun(server) as slow, begun(server) as other:
            await subscribe(slow, "a", "subscription { flood }")
            async with asyncio.timeout(5):
                await services.cancelled.wait()
            await subscribe(other, "a", "subscription { count(to: 1) }")
            while (message := await receive(other))["type"] == "ping":
                pass
            assert message["payload"] == {"data": {"count": 1}}
            assert await closing(slow) == 4410
