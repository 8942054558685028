"""What has ended is not waited for."""

import asyncio

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn import Config, Server

from tests.serving import listening, outlived_by


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that nobody asks."""


class Failing(Server):
    """Ends before it listens."""

    async def startup(self, sockets: object = None) -> None:
        raise OSError("There is no such port.")


class Silent(Server):
    """Ends before it listens, without a word."""

    async def _serve(self, sockets: object = None) -> None:
        return


@pytest.mark.parametrize(
    ("server", "trouble"), [(Failing, "There is no such port"), (Silent, "ended before it listened")]
)
async def test_a_server_that_ends_before_it_listens_is_not_waited_for(server: type[Server], trouble: str) -> None:
    with pytest.raises((OSError, RuntimeError), match=trouble):
        async with listening(server(Config(app, lifespan="off", log_config=None))):
            pass


async def break_down() -> None:
    raise ValueError("The disk is full.")


async def test_a_block_ends_with_what_runs_beside_it() -> None:
    running = asyncio.create_task(break_down(), name="worker")
    with pytest.raises(RuntimeError, match="The worker ended while") as told:
        async with outlived_by(running):
            await asyncio.Event().wait()
    assert str(told.value.__cause__) == "The disk is full."
    await asyncio.sleep(0)  # nothing of the cancel is left over


async def test_a_cancel_is_a_cancel_while_all_run() -> None:
    running = asyncio.create_task(asyncio.Event().wait())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), outlived_by(running):
            await asyncio.Event().wait()
    running.cancel()
