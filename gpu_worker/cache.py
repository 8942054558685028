"""Inputs that were fetched before, by their digest; the least recently used go when the folder is full, or in time."""

import asyncio
import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from contracts.protocol import InputFile
from gpu_worker.client import Away, ControlClient, pause_seconds

TRIES_MAX = 5

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class InputCache:
    """Keeps inputs in a folder, up to `bytes_max`, each until it was not used for `seconds_max`.

    What was fetched since the last `let_go` is never removed. The folder may have others in it: they are left alone.
    """

    def __init__(self, folder: Path, *, bytes_max: int, seconds_max: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._bytes_max = bytes_max
        self._seconds_max = seconds_max
        self._held: set[Path] = set()
        # Jobs of one batch often have inputs in common.
        self._one_at_a_time = asyncio.Lock()

    async def fetch_all(self, client: ControlClient, wanted: Sequence[InputFile]) -> Mapping[str, Path]:
        """Have every input on disk; raises Away when the storage does not answer, Refused for a URL that is void."""
        async with self._one_at_a_time:
            paths = {each.name: await self._fetch(client, each) for each in wanted}
            self._held.update(paths.values())
            self.make_room()
        return paths

    def let_go(self) -> None:
        """Nothing that was fetched is in use any more."""
        self._held.clear()
        self.make_room()

    async def _fetch(self, client: ControlClient, wanted: InputFile) -> Path:
        target = self._folder / wanted.sha256
        if target.exists() and target.stat().st_size == wanted.size_bytes:
            target.touch()
            return target
        # People clear caches by removing the folder.
        self._folder.mkdir(parents=True, exist_ok=True)
        for failures in range(1, TRIES_MAX):
            try:
                await client.fetch(wanted, target)
            except Away:
                await asyncio.sleep(pause_seconds(failures))
            else:
                return target
        await client.fetch(wanted, target)
        return target

    def make_room(self) -> None:
        """Remove what is too old or too much, as far as the folder can be read."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            files = sorted(self._files(), key=lambda file: file[1].st_mtime)
        except OSError as refused:
            log.warning("inputs_not_listed", path=str(self._folder), reason=str(refused))
            return
        size, oldest = sum(about.st_size for _, about in files), time.time() - self._seconds_max
        for path, about in files:
            if size <= self._bytes_max and about.st_mtime >= oldest:
                return
            if path not in self._held:
                size -= about.st_size
                remove(path)

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        """What lies in the folder now; another worker of the machine may take something away meanwhile."""
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                about = path.stat()
                if stat.S_ISREG(about.st_mode):
                    yield path, about


def remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as refused:
        log.warning("input_not_removed", path=str(path), reason=str(refused))
