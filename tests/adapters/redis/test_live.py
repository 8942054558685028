"""Wake-ups and progress over a real Redis, and without one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.redis.bus import PUBLISHERS_MAX, RedisBus
from adapters.redis.connections import CLIENT_NAME
from adapters.redis.progress import RedisProgress
from adapters.redis.wakeups import RedisWakeups
from bootstrap.clock import new_id
from bootstrap.settings import Settings
from domain.events import Progress

AWAY = "redis://127.0.0.1:1/0"


class Process:
    """What one process has: a connection of its own."""

    def __init__(self, url: str) -> None:
        self.bus = RedisBus(url)
        self.wakeups = RedisWakeups(self.bus)
        self.progress = RedisProgress(self.bus)


@asynccontextmanager
async def process(url: str, *, is_connected: bool = True) -> AsyncGenerator[Process]:
    opened = Process(url)
    opened.bus.start()
    if is_connected:
        await asyncio.wait_for(opened.bus.is_connected.wait(), 10)
    try:
        yield opened
    finally:
        await opened.bus.close()


@asynccontextmanager
async def two_processes(settings: Settings) -> AsyncGenerator[tuple[Process, Process]]:
    async with process(url_of(settings)) as first, process(url_of(settings)) as second:
        yield first, second


def url_of(settings: Settings) -> str:
    return settings.redis.url.get_secret_value()


async def test_a_hint_wakes_who_waits_in_another_process_and_nobody_else(settings: Settings) -> None:
    async with (
        two_processes(settings) as (giver, waiter),
        waiter.wakeups.subscribe("render:1") as bell,
        waiter.wakeups.subscribe("render:2") as other,
    ):
        await giver.wakeups.give({"render:1"})
        assert await bell.wait(10)
        assert not await other.wait(0)
        assert not await bell.wait(0)


async def test_a_hint_between_reading_and_waiting_is_kept(settings: Settings) -> None:
    async with (
        two_processes(settings) as (giver, waiter),
        waiter.wakeups.subscribe("a") as bell,
        waiter.wakeups.subscribe("b") as second,
    ):
        await giver.wakeups.give({"a"})
        await giver.wakeups.give({"b"})
        assert await second.wait(10)
        assert await bell.wait(0)


async def test_without_redis_hints_reach_the_same_process_and_nothing_raises() -> None:
    async with process(AWAY, is_connected=False) as alone, alone.wakeups.subscribe("a") as bell:
        await alone.wakeups.give({"a"})
        assert await bell.wait(0)
        assert not await bell.wait(0.01)


async def test_progress_is_the_latest_and_never_falls_within_an_epoch(settings: Settings) -> None:
    subject_id = new_id()
    async with two_processes(settings) as (giver, watcher), watcher.progress.watch(subject_id) as watch:
        for epoch, fraction in ((1, 0.2), (1, 0.6), (1, 0.4), (0, 0.9)):
            await giver.progress.publish(Progress(subject_id, "shot-1", epoch, fraction))
        await giver.progress.publish(Progress(subject_id, "last", 1, 1.0))
        seen: dict[str, Progress] = {}
        while "last" not in seen:
            seen |= {progress.part: progress for progress in await watch.next(10)}
        assert seen["shot-1"].fraction == 0.6
        await giver.progress.publish(Progress(subject_id, "shot-1", 2, 0.1))
        assert await watch.next(10) == [Progress(subject_id, "shot-1", 2, 0.1)]


async def test_who_comes_late_sees_the_latest_at_once(settings: Settings) -> None:
    subject_id = new_id()
    async with process(url_of(settings)) as giver, process(url_of(settings)) as late:
        await giver.progress.publish(Progress(subject_id, "shot-1", 1, 0.5))
        async with late.progress.watch(subject_id) as watch:
            assert await watch.next(10) == [Progress(subject_id, "shot-1", 1, 0.5)]


async def test_nonsense_on_the_channel_is_not_progress(settings: Settings) -> None:
    subject_id = new_id()
    async with two_processes(settings) as (giver, watcher), watcher.progress.watch(subject_id) as watch:
        for nonsense in (b"", b"{}", b"[1,2,3,4]", b"\xff", b'["x","y",1,2]'):
            await giver.bus.publish("lab.progress", nonsense)
        await giver.progress.publish(Progress(subject_id, "shot-1", 1, 0.5))
        assert [each.part for each in await watch.next(10)] == ["shot-1"]


async def test_two_hundred_subscribers_hold_no_connection_of_their_own(settings: Settings) -> None:
    async with process(url_of(settings)) as lab, AsyncExitStack() as subscribed:
        subjects = [new_id() for _ in range(200)]
        watches = [lab.progress.watch(subject) for subject in subjects]
        await asyncio.gather(*(subscribed.enter_async_context(watch) for watch in watches))
        for subject in subjects:
            await subscribed.enter_async_context(lab.wakeups.subscribe(str(subject)))
        await asyncio.gather(*(lab.wakeups.give({str(subject)}) for subject in subjects))
        assert not lab.bus.is_silent
        clients = await lab.bus.redis.client_list()
    assert sum(client["name"] == CLIENT_NAME for client in clients) == 1 + PUBLISHERS_MAX
