"""Whose word the server takes for where a request comes from."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from api.limits import Limits
from api.server import LabServer
from bootstrap.settings import LOOPBACK
from tests.serving import listening


async def told(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers who calls."""
    client = Request(scope).client
    await PlainTextResponse(client.host if client else "")(scope, receive, send)


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (LOOPBACK, "203.0.113.9", "203.0.113.9"),
        (("127.0.0.0/8",), "203.0.113.9", "203.0.113.9"),
        (("127.0.0.1", "10.0.0.0/8"), "192.0.2.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        (("10.0.0.0/8",), "203.0.113.9", "127.0.0.1"),
        ((), "203.0.113.9", "127.0.0.1"),
    ],
)
async def test_a_proxy_is_believed_where_it_is_trusted(trusted: Sequence[str], forwarded: str, address: str) -> None:
    server = LabServer(
        told, host="127.0.0.1", port=0, limits=Limits(), stopping=asyncio.Event(), trusted_proxies=trusted
    )
    async with listening(server), httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
        assert (await client.get("/", headers={"x-forwarded-for": forwarded})).text == address
