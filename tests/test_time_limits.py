"""Tests that hang are named, what they hold is ended in order, and the run comes to its end."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONFTEST = """
import tests.time_limits
tests.time_limits.ENDING_SECONDS = 1.5
"""
SETTINGS = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
timeout = 2
timeout_method = thread
"""
IN_A_BLOCK = """
async def test_hangs():
    try:
        await asyncio.Event().wait()
    finally:
        print("ended in", "order")

async def test_well():
    pass
"""
BEHIND_ITS_CANCEL = """
async def test_hangs():
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
"""
IN_A_FIXTURE = """
@pytest.fixture
async def endless():
    await asyncio.Event().wait()

async def test_hangs(endless):
    pass
"""
IN_A_TEARDOWN_AFTER_A_FAILURE = """
@pytest.fixture
async def endless():
    yield
    await asyncio.Event().wait()

async def test_hangs(endless):
    assert False
"""


def run(folder: Path, tests: str, *options: str) -> str:
    """Run the tests in a process of their own; answer what is told."""
    for name, text in {"conftest.py": CONFTEST, "pytest.ini": SETTINGS}.items():
        (folder / name).write_text(text)
    (folder / "test_it.py").write_text(f"import asyncio, pytest\nfrom contextlib import suppress\n{tests}")
    command = [sys.executable, "-m", "pytest", "-p", "tests.time_limits", "-p", "no:cacheprovider", *options]
    ran = subprocess.run(  # noqa: S603 - a command of ours
        command, env={"PYTHONPATH": str(ROOT)}, cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 1
    return ran.stdout


def test_a_test_that_hangs_fails_where_it_waits_and_the_next_one_runs(tmp_path: Path) -> None:
    told = run(tmp_path, IN_A_BLOCK)
    assert "\n>           await asyncio.Event().wait()\n\ntest_it.py:6: \n" in told
    assert "\nE           TimeoutError: The test has taken longer than 0.5 s.\n" in told
    assert "\nended in order\n" in told
    assert "1 failed, 1 passed" in told


@pytest.mark.parametrize("tests", [BEHIND_ITS_CANCEL, IN_A_TEARDOWN_AFTER_A_FAILURE], ids=["cancel", "teardown"])
def test_what_does_not_end_is_ended_with_its_process_by_its_name(tmp_path: Path, tests: str) -> None:
    assert "Stack of test_it.py::test_hangs" in run(tmp_path, tests)


def test_beside_others_a_lost_process_is_told_by_its_test(tmp_path: Path) -> None:
    told = run(tmp_path, IN_A_FIXTURE, "--numprocesses=1", "--dist=loadfile", "--max-worker-restart=0")
    assert "worker 'gw0' crashed while running 'test_it.py::test_hangs'" in told
