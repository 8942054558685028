"""The jobs process as a whole: it never lives on with a part of it gone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import NoReturn

import pytest

from adapters.postgres.claims import PostgresDispatches
from adapters.redis.delivery import ArqDeliveries
from bootstrap.embedded import free_port
from domain.identifiers import JobId
from domain.jobs.models import Delivery, Queue
from jobs.__main__ import JobsProcess
from jobs.registry import Registry
from tests.builders_jobs import Bench


class BrokenDispatches(PostgresDispatches):
    """Meets an error that nobody foresaw."""

    async def pick(self, queue: Queue, *, limit: int) -> Sequence[Delivery]:
        raise RuntimeError("A bug.")


class StubbornDeliveries(ArqDeliveries):
    """Swallows the first cancellation, as redis-py does when it comes while it connects."""

    async def listen(self, queue: Queue, take: Callable[[JobId, int], Awaitable[object]]) -> NoReturn:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()
        raise AssertionError("An event that nobody sets was set.")


async def test_a_part_that_breaks_ends_the_process_though_another_is_slow_to_stop(bench: Bench) -> None:
    settings = bench.container.settings
    deliveries = StubbornDeliveries(settings.redis.url.get_secret_value())
    jobs = settings.jobs.model_copy(update={"control_port": free_port()})
    services = replace(
        bench.container,
        settings=settings.model_copy(update={"jobs": jobs}),
        dispatches=BrokenDispatches(bench.container.system_database),
        deliveries=deliveries,
    )
    with pytest.raises(RuntimeError, match="A bug"):
        await asyncio.wait_for(JobsProcess(services, Registry()).run(asyncio.Event()), 15)
    await deliveries.close()
