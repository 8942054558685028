"""Which code runs for a kind of job, and what follows when a job ends; each slice has one registry in its own file.

    # jobs/characters.py
    tasks = Registry()

    @tasks.task("characters.ingest_image")                      # queue INTERNAL: runs in the jobs process
    async def ingest(context: JobContext, job: ClaimedJob) -> None:
        async with context.work() as work:                      # any number of transactions, each fenced at its commit
            image = await work.characters.find_image(...)
        content = await context.services.store.read(...)        # no network inside a transaction
        measured = await asyncio.to_thread(measure, content)    # CPU off the event loop
        async with context.finishing() as work:                 # the result, what follows and the job's end together
            await record_measurement(work, measured, now=context.now())
            await work.jobs.enqueue(next_job)

    @tasks.on_finished("renders.make_keyframe")                 # queue CPU or GPU: a worker has done it
    async def keyframe_made(work: Work, job: FinishedJob, now: datetime) -> None:
        ...                                                     # inside the transaction that ends the job

    @tasks.on_failed("renders.make_keyframe")                   # any queue: no attempt is left
    async def keyframe_failed(work: Work, job: EndedJob, now: datetime) -> None:
        ...                                                     # inside the transaction that ends the job

`jobs/tasks.py` lists the registries of all slices. A handler may run again after a rolled back transaction, never after
a committed one. `work.new_id()` makes identifiers. A task that does not open `finishing` is finished when it returns.
Payload of a worker's job: `{"command": {...}, "progress": {"part": "shot:<id>", "from": 0.0, "to": 0.3, "epoch": 1}}`;
`progress` is optional and says what the worker's 0..1 means to those who watch the job's subject.

Old and new processes run side by side in a deploy. A payload that an old one could not read gets a new version
(`NewJob.version`, `@tasks.task(KIND, version=2)`, which reads 1 too); a process is never given a kind or a version
that it does not know, and does not end a worker's job of a kind that it has no handler for.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias, TypeVar

from bootstrap.container import Work
from domain.jobs.models import ClaimedJob, EndedJob, FinishedJob
from jobs.context import JobContext

Task: TypeAlias = Callable[[JobContext, ClaimedJob], Awaitable[None]]
OnFinished: TypeAlias = Callable[[Work, FinishedJob, datetime], Awaitable[None]]
OnFailed: TypeAlias = Callable[[Work, EndedJob, datetime], Awaitable[None]]

Handler = TypeVar("Handler")


class Registry:
    """Kinds of job and their handlers; a kind has one handler of each sort."""

    def __init__(self, *parts: "Registry") -> None:
        self._tasks: dict[str, Task] = {}
        self._finished: dict[str, OnFinished] = {}
        self._failed: dict[str, OnFailed] = {}
        self._versions: dict[str, int] = {}
        self._plain: set[str] = set()
        for part in parts:
            for kind, task in part.tasks.items():
                self.task(kind, version=part.version(kind))(task)
            for kind, on_finished in part.finished.items():
                self.on_finished(kind)(on_finished)
            for kind, on_failed in part.failed.items():
                self.on_failed(kind)(on_failed)

    @property
    def tasks(self) -> Mapping[str, Task]:
        return self._tasks

    @property
    def finished(self) -> Mapping[str, OnFinished]:
        return self._finished

    @property
    def failed(self) -> Mapping[str, OnFailed]:
        return self._failed

    def version(self, kind: str) -> int:
        """The newest version of the kind's payload that its task reads."""
        return self._versions.get(kind, 1)

    def known_tasks(self) -> Sequence[str]:
        """The kinds that can run here with each version that is read, as the engine compares them."""
        return [f"{kind}@{each}" for kind in sorted(self._tasks) for each in range(1, self.version(kind) + 1)]

    def known_kinds(self) -> Sequence[str]:
        """The kinds of which this process can tell what follows when a job ends."""
        return sorted({*self._tasks, *self._finished, *self._failed, *self._plain})

    def knows(self, kind: str) -> bool:
        return kind in self.known_kinds()

    def nothing_follows(self, *kinds: str) -> None:
        """Know kinds of workers' jobs whose end concerns nobody."""
        self._plain.update(kinds)

    def task(self, kind: str, *, version: int = 1) -> Callable[[Task], Task]:
        """Run this in the jobs process; it reads payloads up to the version."""
        self._versions[kind] = version
        return self._adder(self._tasks, kind)

    def on_finished(self, kind: str) -> Callable[[OnFinished], OnFinished]:
        """Call this inside the transaction in which a worker's job succeeds."""
        return self._adder(self._finished, kind)

    def on_failed(self, kind: str) -> Callable[[OnFailed], OnFailed]:
        """Call this inside the transaction in which a job ends as failed, dead or aborted; not for a cancelled one."""
        return self._adder(self._failed, kind)

    def _adder(self, handlers: dict[str, Handler], kind: str) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            if kind in handlers:
                raise ValueError(f"{kind} has a handler already.")
            handlers[kind] = handler
            return handler

        return add
