"""What is live beside events: fast progress, and generators that run as one."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from domain.events import Feed, Progress, ProgressReports, Wakeups

T = TypeVar("T")
# Progress is never read, only heard: waking up without news is of no use.
WAIT_SECONDS = 60.0


class LiveServices(Protocol):
    """What live events are read from."""

    @property
    def feed(self) -> Feed: ...

    @property
    def wakeups(self) -> Wakeups: ...

    @property
    def progress(self) -> ProgressReports: ...


async def watch_progress(reports: ProgressReports, subject_id: UUID) -> AsyncGenerator[Progress]:
    """Yield the latest progress of each part of one subject as it moves; what was overtaken is never seen."""
    async with reports.watch(subject_id) as watch:
        while True:
            for progress in await watch.next(WAIT_SECONDS):
                yield progress


def preview_url(progress: Progress) -> str | None:
    """The preview as a data URL, which a page can show as it is."""
    return None if progress.preview is None else f"data:image/jpeg;base64,{progress.preview}"


async def merged(*generators: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """Yield what any of the generators yields, as it comes, until all have ended; one waits while the reader is slow.

    Closing this closes them all.
    """
    waiting = {asyncio.ensure_future(anext(generator)): generator for generator in generators}
    try:
        while waiting:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                generator = waiting.pop(task)
                if isinstance(task.exception(), StopAsyncIteration):
                    continue
                yield task.result()
                waiting[asyncio.ensure_future(anext(generator))] = generator
    finally:
        await _close(list(waiting), generators)


async def _close(tasks: Sequence[asyncio.Future[T]], generators: Sequence[AsyncGenerator[T]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for generator in generators:
        await generator.aclose()
