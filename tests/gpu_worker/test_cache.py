"""What a worker keeps of its inputs: so much, so long, and nothing that is not its own."""

import os
import time
from pathlib import Path

from gpu_worker.cache import InputCache

DAY = 86_400.0


def kept(folder: Path, name: str, *, size: int, days: float = 0.0) -> Path:
    path = folder / name
    path.write_bytes(b"x" * size)
    used_at = time.time() - days * DAY
    os.utime(path, (used_at, used_at))
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_least_recently_used_goes_first_and_folders_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    os.utime(tmp_path / "models", (0, 0))
    for number in range(4):
        kept(tmp_path, str(number), size=40, days=4 - number)
    InputCache(tmp_path, bytes_max=100, seconds_max=10 * DAY).make_room()
    assert names(tmp_path) == {"models", "2", "3"}


def test_what_nobody_used_for_long_goes_though_there_is_room(tmp_path: Path) -> None:
    kept(tmp_path, "of a character that may be gone", size=10, days=8)
    kept(tmp_path, "used lately", size=10, days=6)
    cache = InputCache(tmp_path, bytes_max=100, seconds_max=7 * DAY)
    cache.let_go()
    assert names(tmp_path) == {"used lately"}


def test_a_folder_that_is_removed_or_hidden_ends_no_worker(tmp_path: Path) -> None:
    folder = tmp_path / "inputs"
    cache = InputCache(folder, bytes_max=100, seconds_max=DAY)
    folder.rmdir()
    cache.make_room()
    assert folder.is_dir()
    folder.rmdir()
    folder.write_text("in the way")
    cache.let_go()
