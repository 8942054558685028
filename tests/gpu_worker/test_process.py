"""The worker as a process of its own, ended by what no process can answer to."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from gpu_worker.__main__ import is_no_stop
from tests.builders_jobs import Bench
from tests.gpu_worker import engines
from tests.gpu_worker.conftest import TOKEN, Lab, keyframe_job


@asynccontextmanager
async def worker_process(lab: Lab, name: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    settings = {
        "LAB_WORKER_CONTROL_URL": f"http://127.0.0.1:{lab.port}",
        "LAB_WORKER_TOKEN": TOKEN,
        "LAB_WORKER_ID": name,
        "LAB_WORKER_ENGINES": '["tests.gpu_worker.engines:TinyEngine"]',
        "LAB_WORKER_CACHE_FOLDER": str(lab.folder / name),
        "LAB_WORKER_WORK_FOLDER": str(lab.work_folder),
        "LAB_WORKER_BEAT_SECONDS": "0.2",
        "LAB_WORKER_ASK_SECONDS": "1",
        "LAB_WORKER_DRAIN_SECONDS": "0.5",
        "LAB_WORKER_HALT_SECONDS": "0.5",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "gpu_worker", env=dict(os.environ) | settings)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_a_worker_that_is_killed_takes_its_child_along_and_another_finishes_the_job(
    lab: Lab, bench: Bench, tmp_path: Path
) -> None:
    new = keyframe_job(await bench.add_workspace(), seed=engines.HANGS_ONCE, action=str(tmp_path / "hung"))
    async with lab.open():
        async with worker_process(lab, "first") as first, bench.container.progress.watch(new.workspace_id) as watch:
            await bench.enqueue(new)
            assert await watch.next(30)
            [child] = psutil.Process(first.pid).children()
            first.send_signal(signal.SIGKILL)
            await asyncio.to_thread(child.wait, 10)
        [left] = lab.work_folder.iterdir()
        async with worker_process(lab, "second"):
            row = await bench.ended(new.id, seconds=60)
            assert not left.exists()
    assert (row.state, row.lost, row.attempts, row.epoch) == ("succeeded", 1, 0, 2)
    assert not list(lab.work_folder.iterdir())


async def test_a_worker_that_is_asked_to_stop_ends_cleanly(lab: Lab, bench: Bench) -> None:
    new = keyframe_job(await bench.add_workspace())
    async with lab.open(), worker_process(lab, "first") as worker:
        await bench.enqueue(new)
        await bench.ended(new.id, seconds=60)
        worker.terminate()
        assert await asyncio.wait_for(worker.wait(), 30) == 0


async def test_a_worker_that_is_asked_to_stop_hands_back_what_its_child_does_and_nothing_is_charged(
    lab: Lab, bench: Bench
) -> None:
    new = keyframe_job(await bench.add_workspace(), seed=engines.HANGS)
    async with (
        lab.open(),
        worker_process(lab, "first") as worker,
        bench.container.progress.watch(new.workspace_id) as watch,
    ):
        await bench.enqueue(new)
        assert await watch.next(30)
        [child] = psutil.Process(worker.pid).children()
        worker.terminate()
        assert await asyncio.wait_for(worker.wait(), 30) == 0
        assert not child.is_running()
        row = await bench.row(new.id)
    assert (row.attempts, row.lost, row.epoch) == (0, 0, 1)
    assert row.state in ("queued", "dispatched")


def test_a_hint_that_is_let_go_at_a_stop_is_not_logged_as_a_failure() -> None:
    def told(error: BaseException | None) -> bool:
        about = None if error is None else (type(error), error, None)
        return is_no_stop(logging.LogRecord("arq.worker", logging.ERROR, "worker.py", 1, "failed", None, about))

    assert [told(None), told(ValueError("broken")), told(asyncio.CancelledError())] == [True, True, False]
