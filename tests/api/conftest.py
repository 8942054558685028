"""The toy application, in process and behind a real server on a loopback port."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import structlog
from starlette.types import ASGIApp

from api.app import create_app
from api.events import SLICE as EVENTS
from api.limits import Limits
from api.schema import LabSchema, build_schema
from api.server import LabServer
from tests.api.toy import TOYS, ToyServices
from tests.serving import listening

SCHEMA = build_schema((TOYS, EVENTS))
LIMITS = replace(
    Limits(),
    body_bytes_max=64 * 1024,
    operation_seconds_max=5.0,
    socket_message_bytes_max=64 * 1024,
    socket_operations_max=4,
    stream_heartbeat_seconds=0.05,
    socket_send_seconds_max=1.0,
)


@pytest.fixture(scope="session", autouse=True)
def logging() -> None:
    """Tracebacks in one plain piece: the default writes them with every local variable."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()])


@pytest.fixture
def services() -> ToyServices:
    return ToyServices()


@pytest.fixture
def schema() -> LabSchema:
    return SCHEMA


@pytest.fixture
def limits() -> Limits:
    return LIMITS


@pytest.fixture
def stopping() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
def app(services: ToyServices, schema: LabSchema, limits: Limits, stopping: asyncio.Event) -> ASGIApp:
    return create_app(services, schema=schema, limits=limits, stopping=stopping)


@pytest.fixture
async def http(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lab") as client:
        yield client


@pytest.fixture
async def server(app: ASGIApp, limits: Limits, stopping: asyncio.Event) -> AsyncIterator[LabServer]:
    server = LabServer(app, host="127.0.0.1", port=0, limits=limits, stopping=stopping)
    async with listening(server):
        yield server
