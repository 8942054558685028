"""Checkpoints of a long command, as the supervisor stores them."""

import asyncio
from pathlib import Path

from gpu_worker.checkpoints import Checkpoints


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_files_that_were_stored_or_overtaken_are_removed(tmp_path: Path) -> None:
    stored: list[str] = []
    may_store = asyncio.Event()

    async def keep(path: Path) -> None:
        await may_store.wait()
        stored.append(path.name)

    checkpoints = Checkpoints(keep)
    for number in range(3):
        path = tmp_path / f"{number}.safetensors"
        path.write_text(str(number))
        checkpoints.add(path)
        await asyncio.sleep(0)
    may_store.set()
    await checkpoints.settle()
    assert stored == ["0.safetensors", "2.safetensors"]
    assert files_in(tmp_path) == []
