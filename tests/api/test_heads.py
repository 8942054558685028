"""Heads of requests: how large one may be and how long it may take, on real connections."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from api.limits import Limits
from api.server import LabServer
from tests.api.conftest import LIMITS
from tests.api.test_sockets import begun, receive, send

ASKED = b"GET /healthz HTTP/1.1\r\nhost: lab\r\n"


@asynccontextmanager
async def connected(server: LabServer) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    yield reader, writer
    writer.close()


async def answered(reader: asyncio.StreamReader) -> bytes:
    """The status line of the next answer, whose body is read and dropped; empty for a connection that was closed."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    lengths = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    await reader.readexactly(int(lengths[0]))
    return head.partition(b"\r\n")[0]


@pytest.mark.parametrize(
    "request_line", [b"GET /" + b"x" * LIMITS.head_bytes_max, ASKED + b"cookie: " + b"x" * LIMITS.head_bytes_max]
)
async def test_a_head_without_an_end_is_refused(server: LabServer, request_line: bytes) -> None:
    async with connected(server) as (reader, writer):
        writer.write(request_line)
        assert await answered(reader) == b"HTTP/1.1 431 Request Header Fields Too Large"
        assert await reader.read() == b""


async def test_heads_are_counted_one_by_one(server: LabServer) -> None:
    async with connected(server) as (reader, writer):
        for _ in range(3):
            writer.write(ASKED + b"cookie: " + b"x" * (LIMITS.head_bytes_max // 2) + b"\r\n\r\n")
            assert await answered(reader) == b"HTTP/1.1 200 OK"
        writer.write(ASKED + b"cookie: " + b"x" * LIMITS.head_bytes_max)
        assert await answered(reader) == b"HTTP/1.1 431 Request Header Fields Too Large"


async def test_a_body_is_no_part_of_a_head(server: LabServer) -> None:
    content = b" " * (LIMITS.head_bytes_max // 2) + b'{"query": "{ hello }"}'
    url = f"http://127.0.0.1:{server.port}/graphql"
    async with httpx.AsyncClient(headers={"content-type": "application/json"}) as client:
        for _ in range(4):
            assert (await client.post(url, content=content)).json()["data"] == {"hello": "Hello, world!"}


class TestLate:
    """Heads that do not come."""

    @pytest.fixture
    def limits(self) -> Limits:
        return replace(LIMITS, head_seconds_max=0.3)

    @pytest.mark.parametrize("begun", [b"", b"G", ASKED])
    async def test_it_is_waited_for_no_longer(self, server: LabServer, begun: bytes) -> None:
        async with connected(server) as (reader, writer):
            writer.write(begun)
            assert await reader.read() == b""

    async def test_nor_behind_an_answer(self, server: LabServer) -> None:
        async with connected(server) as (reader, writer):
            writer.write(ASKED + b"\r\n")
            assert await answered(reader) == b"HTTP/1.1 200 OK"
            writer.write(ASKED)
            assert await reader.read() == b""

    async def test_an_opened_socket_is_past_its_head(self, server: LabServer) -> None:
        async with begun(server) as socket:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(socket.recv(), timeout=0.6)
            await send(socket, type="ping")
            assert await receive(socket) == {"type": "pong"}
