"""Where renders stand in the queues, worked out once a process for all who watch."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime
from typing import Protocol

from api.work import Work
from bootstrap.engines import ENGINES
from domain.errors import LabError
from domain.identifiers import RenderId, WorkspaceId
from domain.jobs.queue_look import QueueLooks
from domain.renders.queueing import RenderQueue, RenderQueueState, queue_of
from domain.renders.standings import Standing
from domain.renders.use_cases.read_standings import read_standings

TELL_SECONDS = 2.0
Key = tuple[WorkspaceId, RenderId]


class QueueServices(Protocol):
    """What standing in a queue is read from."""

    @property
    def queue_looks(self) -> QueueLooks: ...

    def work(self, workspace_id: WorkspaceId | None = None) -> AbstractAsyncContextManager[Work]: ...

    def now(self) -> datetime: ...


class SharedQueues:
    """Looks after all renders that somebody watches; its one task lives as long as anybody does."""

    def __init__(self, services: QueueServices, *, tell_seconds: float = TELL_SECONDS) -> None:
        self._services = services
        self._tell_seconds = tell_seconds
        self._watchers: defaultdict[Key, int] = defaultdict(int)
        self._latest: dict[Key, RenderQueue] = {}
        self._news = asyncio.Event()
        self._round: asyncio.Task[None] | None = None

    async def fetch(self, work: Work, keys: Sequence[RenderId]) -> Mapping[RenderId, Standing]:
        """The standings of renders that are not over, for a batch of readers; some go on by engines not offered now."""
        return await read_standings(work, keys, engines=ENGINES)

    async def queue(self, standing: Standing | None) -> RenderQueue:
        """What the standing means by the latest look at the queues; without one the render is over."""
        if standing is None:
            return RenderQueue(RenderQueueState.DONE)
        return queue_of(standing, looks=await self._services.queue_looks.latest(), now=self._services.now())

    async def watch(self, workspace_id: WorkspaceId, render_id: RenderId) -> AsyncGenerator[RenderQueue]:
        """Yield where the render stands, now and whenever it has changed noticeably; what was overtaken is not seen."""
        key = (workspace_id, render_id)
        self._watchers[key] += 1
        seen: RenderQueue | None = None
        try:
            if self._round is None:
                self._news = asyncio.Event()
                self._round = asyncio.create_task(self._look_for_ever())
                self._round.add_done_callback(lambda _ended: self._news.set())
            while True:
                if self._round.done():
                    self._round.result()
                latest, news = self._latest.get(key), self._news
                if latest is not None and (seen is None or latest.differs_noticeably(seen)):
                    seen = latest
                    yield latest
                    continue
                await news.wait()
        finally:
            await self._leave(key)

    async def _leave(self, key: Key) -> None:
        self._watchers[key] -= 1
        if not self._watchers[key]:
            del self._watchers[key]
            self._latest.pop(key, None)
        if not self._watchers and self._round is not None:
            ended, self._round = self._round, None
            ended.cancel()
            await asyncio.wait([ended])

    async def _look_for_ever(self) -> None:
        """One round for all; a dependency that is away costs a round, a bug of ours ends it and is told to all."""
        while True:
            for workspace_id in {workspace_id for workspace_id, _ in self._watchers}:
                with suppress(LabError):
                    await self._look(workspace_id)
            news, self._news = self._news, asyncio.Event()
            news.set()
            await asyncio.sleep(self._tell_seconds)

    async def _look(self, workspace_id: WorkspaceId) -> None:
        keys = [render_id for space, render_id in self._watchers if space == workspace_id]
        async with self._services.work(workspace_id) as work:
            standings = await self.fetch(work, keys)
        for render_id, standing in standings.items():
            queue = await self.queue(standing)
            if (workspace_id, render_id) in self._watchers:
                self._latest[workspace_id, render_id] = queue
