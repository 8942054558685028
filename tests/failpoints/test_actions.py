"""What an order does to the process that takes it, tried on real processes."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from failpoints.orders import Action, Order, arm, fired, let_go
from failpoints.points import Point

POINT = Point.STEP_BEFORE
COME_TWICE = """
import asyncio
from failpoints import Point, reach, reach_now
async def main():
    try:
        await reach(Point.STEP_BEFORE, "job-1", "tests.work")
    except Exception as error:
        print(type(error).__name__)
    reach_now(Point.STEP_BEFORE, "job-2")
    print("went on")
asyncio.run(main())
"""


async def start(folder: Path, process: str = "one") -> asyncio.subprocess.Process:
    ours = {"LAB_FAILPOINTS": str(folder), "LAB_FAILPOINTS_PROCESS": process, "LAB_MODE": "embedded"}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", COME_TWICE, env=os.environ | ours, stdout=asyncio.subprocess.PIPE
    )


async def said(process: asyncio.subprocess.Process) -> list[str]:
    told, _ = await asyncio.wait_for(process.communicate(), 20)
    return told.decode().split("\n")[:-1]


async def has_fired(process: asyncio.subprocess.Process, folder: Path, name: str) -> None:
    ending = asyncio.create_task(process.wait())
    async with asyncio.timeout(20):
        while fired(folder, name) is None and not ending.done():
            await asyncio.wait([ending], timeout=0.01)
    ending.cancel()


@pytest.mark.parametrize(
    ("action", "code", "output"),
    [
        (Action.KILL9, -signal.SIGKILL, []),
        (Action.EXIT, 0, []),
        (Action.RAISE, 0, ["Failed", "went on"]),
        (Action.DISCONNECT, 0, ["ConnectionResetError", "went on"]),
        (Action.DELAY, 0, ["went on"]),
    ],
)
async def test_the_order_is_carried_out_once(tmp_path: Path, action: Action, code: int, output: list[str]) -> None:
    arm(tmp_path, "fault", Order(POINT, action, seconds=0.01))
    process = await start(tmp_path)
    assert await said(process) == output
    assert process.returncode == code
    firing = fired(tmp_path, "fault")
    assert firing is not None
    assert (firing.point, firing.action, firing.process, firing.pid) == (POINT, action, "one", process.pid)


async def test_a_stopped_process_goes_on_when_it_is_told_to(tmp_path: Path) -> None:
    arm(tmp_path, "fault", Order(POINT, Action.STOP))
    process = await start(tmp_path)
    _, status = await asyncio.to_thread(os.waitpid, process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    process.send_signal(signal.SIGCONT)
    assert await said(process) == ["went on"]


async def test_a_held_process_goes_on_when_it_is_let_go(tmp_path: Path) -> None:
    arm(tmp_path, "fault", Order(POINT, Action.HOLD))
    process = await start(tmp_path)
    await has_fired(process, tmp_path, "fault")
    assert process.returncode is None
    let_go(tmp_path, "fault")
    assert await said(process) == ["went on"]


async def test_one_process_of_many_takes_the_order(tmp_path: Path) -> None:
    arm(tmp_path, "fault", Order(POINT, Action.KILL9))
    processes = [await start(tmp_path) for _ in range(3)]
    assert sorted(await asyncio.gather(*map(said, processes))) == [[], ["went on"], ["went on"]]


@pytest.mark.parametrize(
    "elsewhere",
    [
        Order(Point.STEP_MADE, Action.KILL9),
        Order(POINT, Action.KILL9, process="two"),
        Order(POINT, Action.KILL9, about="job-3"),
        Order(POINT, Action.KILL9, hit=3),
    ],
)
async def test_an_order_that_does_not_fit_is_left_alone(tmp_path: Path, elsewhere: Order) -> None:
    arm(tmp_path, "fault", elsewhere)
    assert await said(await start(tmp_path)) == ["went on"]
    assert fired(tmp_path, "fault") is None


@pytest.mark.parametrize("fits", [Order(POINT, Action.EXIT, about="tests.work"), Order(POINT, Action.EXIT, hit=2)])
async def test_an_order_that_fits_is_taken(tmp_path: Path, fits: Order) -> None:
    arm(tmp_path, "fault", fits)
    assert await said(await start(tmp_path)) == []
