"""What the engine survives: lost hints, an emptied Redis, a Redis that is away, several pickers and runners at once."""

import asyncio
from collections import Counter
from dataclasses import replace

from arq.utils import timestamp_ms
from redis.asyncio import Redis

from adapters.redis.delivery import HINT_MS, ArqDeliveries, arq_id
from domain.identifiers import JobId
from domain.jobs.models import ClaimedJob, Delivery, Queue
from jobs.context import JobContext
from jobs.dispatcher import Dispatcher
from jobs.registry import Registry
from jobs.worker import hear_hints_for_ever
from tests.builders_jobs import Bench, job
from tests.jobs.conftest import Engine, background

KIND = "tests.work"


def redis_url(bench: Bench) -> str:
    return bench.container.settings.redis.url.get_secret_value()


async def test_an_emptied_redis_is_noticed_once(bench: Bench) -> None:
    deliveries = bench.container.deliveries
    redis = Redis.from_url(redis_url(bench))
    assert await deliveries.has_forgotten()
    assert not await deliveries.has_forgotten()
    await redis.flushall()
    assert await deliveries.has_forgotten()
    await redis.aclose()


async def test_what_was_dispatched_is_delivered_again_after_redis_was_emptied(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    await bench.enqueue(new)
    dispatcher = Dispatcher(bench.container, tick_seconds=0.05, delivery_seconds=3600)
    await bench.dispatch()
    redis = Redis.from_url(redis_url(bench))
    await redis.flushall()
    async with background(dispatcher.run_for_ever()), asyncio.timeout(10):
        while (await bench.row(new.id)).delivery < 2:
            async with bench.container.wakeups.subscribe("queue:cpu") as bell:
                await bell.wait(0.1)
    assert await redis.zcard("lab:queue:cpu") == 1
    await redis.aclose()


async def test_hints_that_nobody_hears_leave_redis(bench: Bench) -> None:
    redis, name = Redis.from_url(redis_url(bench)), "lab:queue:gpu"
    workspace_id = await bench.add_workspace()
    old, new = (Delivery(job(workspace_id).id, number, Queue.GPU, workspace_id) for number in (1, 2))
    await bench.container.deliveries.deliver([old])
    await redis.zadd(name, {arq_id(old): timestamp_ms() - HINT_MS - 1})
    await bench.container.deliveries.deliver([new])
    assert await redis.zrange(name, 0, -1) == [arq_id(new).encode()]
    assert 0 < await redis.pttl(f"arq:job:{arq_id(new)}") <= HINT_MS
    await redis.aclose()


async def test_a_hint_is_heard_through_arq(bench: Bench, registry: Registry, engine: Engine) -> None:
    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        return

    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    await bench.enqueue(new)
    await bench.dispatch(queue=Queue.INTERNAL)
    await bench.container.deliveries.deliver([Delivery(new.id, 1, Queue.INTERNAL, new.workspace_id)])
    async with background(hear_hints_for_ever(bench.container, engine.runner, queue=Queue.INTERNAL)):
        assert (await bench.ended(new.id)).state == "succeeded"


async def test_forged_and_doubled_hints_do_nothing(bench: Bench, registry: Registry, engine: Engine) -> None:
    ran: Counter[JobId] = Counter()

    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        ran[claimed.id] += 1

    redis = Redis.from_url(redis_url(bench))
    await redis.set("arq:job:forged", b"\x80\x04cos\nsystem\n(S'touch /tmp/owned'\ntR.")
    await redis.zadd("lab:queue:internal", {"forged": 1})
    await redis.aclose()
    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    async with engine.running():
        await bench.enqueue(new)
        for number in (1, 1, 2, 7):
            await bench.container.deliveries.deliver([Delivery(new.id, number, Queue.INTERNAL, new.workspace_id)])
        assert (await bench.ended(new.id)).state == "succeeded"
    assert ran == {new.id: 1}


async def test_without_redis_jobs_still_run(bench: Bench, registry: Registry) -> None:
    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        return

    away = ArqDeliveries("redis://127.0.0.1:1/0")
    without = Engine(replace(bench.container, deliveries=away), registry)
    new = job(await bench.add_workspace(), queue=Queue.INTERNAL)
    async with without.running():
        await bench.enqueue(new)
        assert (await bench.ended(new.id)).state == "succeeded"
    await away.close()


async def test_several_runners_and_dispatchers_run_each_job_once(bench: Bench, registry: Registry) -> None:
    engine = Engine(bench.container, registry, lease_seconds=60)  # none ends by itself, however slow the machine is
    ran: Counter[JobId] = Counter()

    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        async with context.finishing():
            ran[claimed.id] += 1

    second = engine.new_runner("runner-2")
    jobs = [job(await bench.add_workspace(), queue=Queue.INTERNAL) for _ in range(12)]
    rivals = (
        Dispatcher(bench.container, tick_seconds=0.1).run_for_ever(),
        second.ask_for_ever(ask_seconds=0.1),
        hear_hints_for_ever(bench.container, second, queue=Queue.INTERNAL),
    )
    async with engine.running(), background(*rivals):
        await bench.enqueue(*jobs)
        for each in jobs:
            assert (await bench.ended(each.id)).state == "succeeded"
        await second.drain(seconds=1)
    rows = [await bench.row(each.id) for each in jobs]
    assert ran == Counter(each.id for each in jobs)
    assert [(row.epoch, row.attempts, row.lost) for row in rows] == [(1, 0, 0)] * len(jobs)
