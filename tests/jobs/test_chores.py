"""What is swept goes however much has piled up, and what a killed process left goes a day later."""

import asyncio
import os
import time
from collections import Counter
from pathlib import Path

from bootstrap.container import Container
from domain.jobs.models import EndedJob
from jobs.batches import BATCHES_MAX, in_batches
from jobs.registry import Registry
from jobs.renders import remove_old
from jobs.schedule import Chore, repeat
from tests.builders_jobs import Bench, job
from tests.jobs.conftest import Engine, background


async def test_what_has_piled_up_goes_in_portions_until_nothing_is_left() -> None:
    left = [5, 5, 2, 5]

    async def some() -> int:
        return left.pop(0)

    assert await in_batches(some, at_once=5) == 12
    assert left == [5]


async def test_one_sweep_has_an_end_though_more_comes_all_the_time() -> None:
    times = 0

    async def some() -> int:
        nonlocal times
        times += 1
        return 5

    assert await in_batches(some, at_once=5) == 5 * BATCHES_MAX
    assert times == BATCHES_MAX


def test_folders_of_joins_that_were_killed_long_ago_are_removed(tmp_path: Path) -> None:
    for name in ("lab-join-old", "lab-join-new", "other-old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "clip.mp4").touch()
    for name in ("lab-join-old", "other-old"):
        os.utime(tmp_path / name, (0, 0))
    assert remove_old(tmp_path, time.time() - 60) == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == ["lab-join-new", "other-old"]


async def test_a_chore_that_breaks_is_done_the_next_time_and_stops_nobody(container: Container) -> None:
    times, is_done = 0, asyncio.Event()

    async def run(_services: Container) -> int:
        nonlocal times
        times += 1
        if times == 1:
            raise ValueError("A row that nobody expected.")
        is_done.set()
        return 0

    async with background(repeat(Chore("tests", 0.01, run), container)):
        await asyncio.wait_for(is_done.wait(), 10)


async def test_what_cannot_be_buried_is_passed_over_and_hides_nothing(
    bench: Bench, registry: Registry, engine: Engine
) -> None:
    tried: Counter[str] = Counter()

    async def cannot(work: object, ended: EndedJob, now: object) -> None:
        tried[ended.kind] += 1
        raise ValueError("A payload that nobody expected.")

    registry.on_failed("tests.broken")(cannot)
    workspace_id = await bench.add_workspace()
    broken, unknown, well = (job(workspace_id, kind=kind) for kind in ("tests.broken", "tests.unknown", "tests.work"))
    await bench.enqueue(broken, unknown, well)
    await bench.as_owner("update jobs set start_before = clock_timestamp() - interval '1 second'")
    for _ in range(3):
        await engine.reaper.reap()
    assert [(await bench.row(each.id)).state for each in (broken, unknown, well)] == ["queued", "queued", "aborted"]
    assert tried == {"tests.broken": 1}
    listed = await bench.dispatches.list_doomed(limit=1, kinds=["tests.broken", "tests.work"], passed_over=[broken.id])
    assert [each.id for each in listed] == []
    listed = await bench.dispatches.list_doomed(limit=1, kinds=["tests.unknown"])
    assert [each.id for each in listed] == [unknown.id]
