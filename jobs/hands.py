"""The hands of the jobs process: as many jobs are worked on at once, and a few more are held where they are short."""

import asyncio
import math
from collections import deque

AHEAD_MAX = 54
PATIENCE_SECONDS = 0.25
WORKED_MAX = 16


class Hands:
    """Each of `count` hands does one job at a time; all of them do what is taken ahead within `ahead_seconds`.

    That saves calls to the database, each of which takes longer than a short job does.
    """

    def __init__(self, count: int, *, ahead_seconds: float) -> None:
        self.count = count
        self._ahead_seconds = ahead_seconds
        self._free = asyncio.Semaphore(count)
        self._worked: deque[float] = deque(maxlen=WORKED_MAX)

    @property
    def ahead(self) -> int:
        """How many jobs may wait for a hand: what all hands do in that time, each as long as the longest lately."""
        if len(self._worked) < WORKED_MAX:
            return 0
        return min(AHEAD_MAX, int(self.count * self._ahead_seconds / max(self._worked)))

    async def take(self) -> None:
        """Wait for a free hand, behind those that wait already."""
        await self._free.acquire()

    async def take_soon(self) -> bool:
        """Wait for a free hand as long as what was taken ahead may wait; False where none came free, which is noted."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            self._worked.append(math.inf)
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
