"""Servers and other processes of a lab inside a test's own event loop, watched while the test waits."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from uvicorn import Server


async def has_started(server: Server, serving: asyncio.Task[None]) -> None:
    """Wait until the server listens; raises what ended it where it ended before, or RuntimeError."""
    while not server.started:
        await asyncio.wait([serving], timeout=0.01)
        if serving.done():
            serving.result()
            raise RuntimeError("The server ended before it listened.")


@asynccontextmanager
async def listening(server: Server) -> AsyncGenerator[asyncio.Task[None]]:
    """Serve while the block runs, from when the server listens; answers the task, and leaves signals to the test."""
    serving = asyncio.create_task(server._serve(), name="server")  # pyright: ignore[reportPrivateUsage]
    try:
        await has_started(server, serving)
        yield serving
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def outlived_by(*tasks: asyncio.Task[object]) -> AsyncGenerator[None]:
    """Run the block while all the tasks run; raises RuntimeError, from what ended it, as soon as one has ended.

    Around the `yield` of a fixture it watches the fixture's own steps alone, for a test is another task.
    """
    block, cancelled = asyncio.current_task(), 0
    assert block is not None

    def end_block(_ended: asyncio.Task[object]) -> None:
        nonlocal cancelled
        cancelled += block.cancel()

    for task in tasks:
        task.add_done_callback(end_block)
    try:
        yield
    except asyncio.CancelledError:
        ended = next((task for task in tasks if task.done()), None)
        if ended is None:
            raise
        trouble = None if ended.cancelled() else ended.exception()
        raise RuntimeError(f"The {ended.get_name()} ended while the test waited.") from trouble
    finally:
        for task in tasks:
            task.remove_done_callback(end_block)
        for _ in range(cancelled):
            block.uncancel()
