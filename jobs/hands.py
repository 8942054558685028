"""The hands of the jobs process: as many jobs are worked on at once, and a few more are held where they are short."""

import asyncio
from collections import deque

# A hand comes free within this time for what was taken ahead, unless jobs have become longer since.
AHEAD_SECONDS = 0.02
AHEAD_MAX = 54
PATIENCE_SECONDS = 0.25
WORKED_MAX = 32


class Hands:
    """Each of `count` hands does one job at a time.

    What is taken ahead saves a call to the database for short jobs, where that call takes longer than they do.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = asyncio.Semaphore(count)
        self._worked: deque[float] = deque(maxlen=WORKED_MAX)

    @property
    def are_busy(self) -> bool:
        """Whether none is free for what is not waiting for one yet."""
        return self._free.locked()

    @property
    def ahead(self) -> int:
        """How many jobs may wait for a hand: as many as all hands do in 20 ms, each as long as the longest lately."""
        if len(self._worked) < WORKED_MAX:
            return 0
        return min(AHEAD_MAX, int(self.count * AHEAD_SECONDS / max(self._worked)))

    async def take(self) -> None:
        """Wait for a free hand, behind those that wait already."""
        await self._free.acquire()

    async def take_soon(self) -> bool:
        """Wait for a free hand as long as what was taken ahead may wait; False where none came free."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            return False
        return True

    async def take_free(self) -> int:
        """Take all that are free now, and answer how many."""
        taken = 0
        while not self._free.locked():
            await self._free.acquire()
            taken += 1
        return taken

    def free(self, hands: int = 1) -> None:
        for _ in range(hands):
            self._free.release()

    def note(self, worked_seconds: float) -> None:
        """Note how long a job took, from when a hand took it up."""
        self._worked.append(max(worked_seconds, 1e-6))
