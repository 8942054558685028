"""A deploy under subscribers: the real process goes and another comes, and nobody misses an event."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from bootstrap.container import Container
from bootstrap.embedded import EmbeddedStack, free_port, http_answers, inherited_environment
from bootstrap.processes import ManagedProcess, wait_until
from client.transport import LabTransport
from tests.api.test_server import WATCH, tell
from tests.api.test_sockets import begun, closing
from tests.builders_accounts import signed_up


class Api:
    """The API's process on the test's own database."""

    def __init__(self, stack: EmbeddedStack, database_name: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process = ManagedProcess("api", [sys.executable, "-m", "api"], folder=folder, is_ready=lambda: True)
        self._environment = {
            **inherited_environment(),
            **stack.environment(),
            "LAB_DATABASE__URL": stack.postgres.url("lab_app", database_name),
            "LAB_DATABASE__SYSTEM_URL": stack.postgres.url("lab_system", database_name),
            "LAB_API__PORT": str(self.port),
        }

    async def start(self) -> None:
        self._process.start(self._environment)
        await asyncio.to_thread(wait_until, lambda: http_answers(f"{self.url}/healthz"), "The API")

    async def stop(self) -> None:
        """Stop it by SIGTERM."""
        await asyncio.to_thread(self._process.stop)


@pytest.fixture
async def api(stack: EmbeddedStack, database_name: str, tmp_path: Path) -> AsyncIterator[Api]:
    api = Api(stack, database_name, tmp_path)
    await api.start()
    yield api
    await api.stop()


async def test_a_deploy_closes_with_1012_and_the_client_goes_on_without_a_gap(api: Api, container: Container) -> None:
    token = (await signed_up(container, now=container.now())).access_token
    async with LabTransport(api.url) as transport:
        transport.token = token
        events = transport.subscribe(WATCH, {}, cursor_of=lambda data: data["workspaceEvents"]["cursor"])
        async with aclosing(events), begun(api) as socket, asyncio.timeout(30):
            first = asyncio.ensure_future(anext(events))
            while not first.done():
                await tell(container, token, "Before")
                await asyncio.wait([first], timeout=0.1)
            stopping = asyncio.create_task(api.stop())
            for number in range(20):
                await tell(container, token, f"Told{number}")
            assert await closing(socket) == 1012
            await stopping
            await tell(container, token, "Away")
            await api.start()
            await tell(container, token, "After")
            names = [str((await first)["workspaceEvents"]["name"])]
            while names[-1] != "After":
                names.append((await anext(events))["workspaceEvents"]["name"])
    assert [name for name in names if name != "Before"] == [f"Told{number}" for number in range(20)] + ["Away", "After"]
