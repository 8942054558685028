"""Inputs that were fetched before, by their digest; the least recently used go when the folder is full."""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from contracts.protocol import InputFile
from gpu_worker.client import Away, ControlClient, pause_seconds

TRIES_MAX = 5


class InputCache:
    """Keeps inputs in a folder, up to `bytes_max`; what was fetched since the last `let_go` is never removed."""

    def __init__(self, folder: Path, *, bytes_max: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._bytes_max = bytes_max
        self._held: set[Path] = set()
        # Jobs of one batch often have inputs in common.
        self._one_at_a_time = asyncio.Lock()

    async def fetch_all(self, client: ControlClient, wanted: Sequence[InputFile]) -> Mapping[str, Path]:
        """Have every input on disk; raises Away when the storage does not answer, Refused for a URL that is void."""
        async with self._one_at_a_time:
            paths = {each.name: await self._fetch(client, each) for each in wanted}
            self._held.update(paths.values())
            self._make_room()
        return paths

    def let_go(self) -> None:
        """Nothing that was fetched is in use any more."""
        self._held.clear()

    async def _fetch(self, client: ControlClient, wanted: InputFile) -> Path:
        target = self._folder / wanted.sha256
        if target.exists() and target.stat().st_size == wanted.size_bytes:
            target.touch()
            return target
        for failures in range(1, TRIES_MAX):
            try:
                await client.fetch(wanted, target)
            except Away:
                await asyncio.sleep(pause_seconds(failures))
            else:
                return target
        await client.fetch(wanted, target)
        return target

    def _make_room(self) -> None:
        files = sorted(self._files(), key=lambda file: file[1].st_mtime)
        size = sum(about.st_size for _, about in files)
        for path, about in files:
            if size <= self._bytes_max:
                return
            if path not in self._held:
                size -= about.st_size
                path.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        """What lies in the folder now; another worker of the machine may take something away meanwhile."""
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                yield path, path.stat()
