"""A test that hangs fails by its name: at the line where it waits, with what it holds ended in order.

Its time ends inside of its coroutine first. What does not end by that, a fixture or a test without a loop is ended by
pytest-timeout with its whole process. The other way, a signal, knows nothing of asyncio: what it raises is taken for
the error of whatever task is at work just then, or leaves the test's task behind with all its servers. pytest-xdist
tells by which test a process was lost, the stacks by the name of the main thread; the guards of the lost stacks end
their servers.
"""

import asyncio
import functools
import inspect
import threading
from collections.abc import Awaitable, Callable

import pytest
from pytest_timeout import Settings

# A story waits for whole films, on a machine that has other tests at work.
STORY_SECONDS = 900.0
ENDING_SECONDS = 30.0
CLOCK = pytest.StashKey[Settings]()


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.get_closest_marker("story"):
        item.add_marker(pytest.mark.timeout(STORY_SECONDS))


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Settings) -> None:
    """Have the time end inside a coroutine before the clock, which pytest-timeout sets then, ends the process."""
    if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj) and CLOCK not in item.stash:
        item.obj = within(settings.timeout - ENDING_SECONDS, item.obj)
    item.stash[CLOCK] = settings
    threading.main_thread().name = item.nodeid


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Stop the clock while a failure is told, or looked at in a debugger."""
    if call.excinfo:
        item.ihook.pytest_timeout_cancel_timer(item=item)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Wind it up again: a teardown can hang, too."""
    if settings := item.stash.get(CLOCK, None):
        item.ihook.pytest_timeout_cancel_timer(item=item)
        item.ihook.pytest_timeout_set_timer(item=item, settings=settings)


def within(seconds: float, test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Make a test of it that raises TimeoutError, from where it waits, once it has taken longer."""

    @functools.wraps(test)
    async def limited(*arguments: object, **named: object) -> None:
        clock = asyncio.timeout(seconds)
        try:
            async with clock:
                await test(*arguments, **named)
        except TimeoutError as over:
            if not clock.expired():
                raise
            raise TimeoutError(f"The test has taken longer than {seconds:g} s.") from over.__cause__

    return limited
