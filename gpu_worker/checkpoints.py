"""What a long command saves on its way, stored one after another while it goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path


class Checkpoints:
    """Stores files in their order, of those that wait only the latest; removes what is stored or was overtaken."""

    def __init__(self, keep: Callable[[Path], Awaitable[None]]) -> None:
        self._keep = keep
        self._waiting: Path | None = None
        self._storing: asyncio.Task[None] | None = None

    def add(self, path: Path) -> None:
        if self._waiting is not None:
            self._waiting.unlink(missing_ok=True)
        self._waiting = path
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store())

    async def _store(self) -> None:
        while (path := self._waiting) is not None:
            self._waiting = None
            await self._keep(path)
            path.unlink(missing_ok=True)

    async def settle(self) -> None:
        """Wait until all that was added is stored, or was overtaken."""
        if self._storing is not None:
            await self._storing

    def drop(self) -> None:
        """Give up what is not stored yet."""
        if self._storing is not None:
            self._storing.cancel()
