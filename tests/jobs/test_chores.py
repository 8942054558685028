"""What is swept goes however much has piled up, and what a killed process left goes a day later."""

import os
import time
from pathlib import Path

from jobs.batches import BATCHES_MAX, in_batches
from jobs.renders import remove_old


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
