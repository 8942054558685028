"""Jobs whose commands the child does in one go: each has a seat, which it takes when it is ready, and may leave."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from gpu_worker.messages import Done, Failed, Halted, Moved, Run, Saved
from gpu_worker.workshop import Workshop

HALT_AGAIN_SECONDS = 1.0

Answer = Done | Failed | Halted
OnNews = Callable[[Moved | Saved], None]


@dataclass(eq=False, slots=True)
class Seat:
    """The place of one job in a batch; `spared_seconds` of the child's time were borne by the others in it."""

    batch: "Batch"
    asked: Run | None = None
    on_news: OnNews = lambda _news: None
    has_left: bool = False
    spared_seconds: float = 0.0

    async def run(self, asked: Run, on_news: OnNews) -> Answer:
        """Do the command together with the others' commands; raises what `Workshop.open` and `run_many` raise."""
        self.asked, self.on_news = asked, on_news
        return await self.batch.answer(self)

    def give_up(self) -> None:
        """Take no part; the others begin without."""
        self.has_left = True
        self.batch.begin_if_all_are_here()

    async def leave(self, *, halt_seconds: float) -> None:
        """Want no answer any more: what the child does for nobody is halted, or ended with it after so long."""
        self.give_up()
        await self.batch.halt_if_nobody_waits(halt_seconds)


class Batch:
    """One run of the child, which begins when each of its seats is taken or left."""

    def __init__(self, workshop: Workshop, *, size: int) -> None:
        self._workshop = workshop
        self.seats = [Seat(self) for _ in range(size)]
        self._begun: asyncio.Future[asyncio.Task[dict[Seat, Answer]]] = asyncio.get_running_loop().create_future()
        self._is_running = False

    def begin_if_all_are_here(self) -> None:
        taken = [seat for seat in self.seats if not seat.has_left]
        if taken and all(seat.asked for seat in taken) and not self._begun.done():
            self._begun.set_result(asyncio.create_task(self._work()))

    async def answer(self, seat: Seat) -> Answer:
        self.begin_if_all_are_here()
        # Shielded, because one that is stopped must not stop the others.
        working = await asyncio.shield(self._begun)
        return (await asyncio.shield(working))[seat]

    async def _work(self) -> dict[Seat, Answer]:
        await self._workshop.open()
        taken = [seat for seat in self.seats if not seat.has_left]
        started, self._is_running = time.monotonic(), True
        try:
            asked = [seat.asked for seat in taken if seat.asked]
            came = await self._workshop.run_many(asked, lambda news: taken[news.number].on_news(news))
        finally:
            self._is_running = False
        took = time.monotonic() - started
        for seat in taken:
            seat.spared_seconds = took - took / len(taken)
        return dict(zip(taken, came, strict=True))

    async def halt_if_nobody_waits(self, halt_seconds: float) -> None:
        if not self._begun.done() or not all(seat.has_left for seat in self.seats):
            return
        working = self._begun.result()
        ends_at = time.monotonic() + halt_seconds
        while self._is_running and (left := ends_at - time.monotonic()) > 0:
            # Again and again: a child forgets what it is told before it has read its command.
            self._workshop.halt()
            await asyncio.wait({working}, timeout=min(HALT_AGAIN_SECONDS, left))
        if not working.done():
            working.cancel()
            await self._workshop.close()
        await asyncio.wait({working})
        if not working.cancelled():
            working.exception()
