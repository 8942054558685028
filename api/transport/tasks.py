"""Tasks that live and die together."""

import asyncio
from collections.abc import Coroutine


class Tasks:
    """Owns the tasks of one conversation: the first that raises ends the wait, and `stop` leaves none behind.

    Unlike asyncio.TaskGroup it neither waits for tasks that are left nor wraps what was raised.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run beside the others."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def wait(self) -> None:
        """Wait until a task raises, and raise that."""
        await self._ending

    def end(self, why: BaseException) -> None:
        """End the wait as if a task had raised this."""
        if not self._ending.done():
            self._ending.set_exception(why)

    async def stop(self) -> None:
        """Cancel all and wait until they have gone."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        raised = task.exception()
        if raised is not None:
            self.end(raised)
