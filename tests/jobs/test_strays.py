"""Bytes that nothing owns go with the second sweep; what is in use, or about to be, is never swept."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import ProgrammingError

from bootstrap.container import Container, Work
from bootstrap.embedded import EmbeddedStack
from bootstrap.settings import Settings
from domain.jobs.errors import FenceLost
from domain.jobs.models import ClaimedJob, FinishedJob
from domain.media.models import StoredObject
from jobs.registry import Registry
from tests.builders_bucket import are_there, keys_in_bucket, put_output, sweep_bucket, with_own_bucket
from tests.builders_jobs import Bench, job
from tests.builders_media import Tenant
from tests.builders_workspaces import new_workspace
from tests.jobs.conftest import Engine

KIND = "tests.work"


@pytest.fixture
def settings(settings: Settings, stack: EmbeddedStack) -> Settings:
    return with_own_bucket(settings, stack)


@pytest.fixture
def keeping(registry: Registry) -> Registry:
    """Every output of a finished job is held, as a slice's handler does."""

    @registry.on_finished(KIND)
    async def keep(work: Work, finished: FinishedJob, now: datetime) -> None:
        for object_id in finished.objects.values():
            await work.objects.hold(finished.workspace_id, object_id)

    return registry


async def claimed(bench: Bench) -> ClaimedJob:
    return await bench.start(job(await bench.add_workspace()))


async def finish(engine: Engine, held: ClaimedJob, output: StoredObject) -> None:
    await engine.endings.finish(held, result={}, outputs={"out": output}, worked_seconds=1)


async def lose(bench: Bench, held: ClaimedJob) -> None:
    await bench.expire(held.fence)
    assert await bench.dispatches.reap(limit=10) == 1


async def test_outputs_of_a_lost_claim_go_with_the_second_sweep(container: Container, bench: Bench) -> None:
    held = await claimed(bench)
    output = await put_output(container, held)
    await lose(bench, held)
    assert await sweep_bucket(container) == 0
    assert await are_there(container, [output]) == [True]
    assert await sweep_bucket(container) == 1
    assert await keys_in_bucket(container) == []


async def test_outputs_of_a_running_claim_stay_even_when_its_lease_ran_out(container: Container, bench: Bench) -> None:
    held = await claimed(bench)
    output = await put_output(container, held)
    await bench.expire(held.fence)
    assert await sweep_bucket(container, times=3) == 0
    assert await are_there(container, [output]) == [True]


async def test_a_report_that_the_fence_refused_leaves_nothing(
    container: Container, bench: Bench, engine: Engine, keeping: Registry
) -> None:
    held = await claimed(bench)
    output = await put_output(container, held)
    await lose(bench, held)
    with pytest.raises(FenceLost):
        await finish(engine, held, output)
    await sweep_bucket(container, times=2)
    assert await keys_in_bucket(container) == []


async def test_an_output_that_was_reported_stays(
    container: Container, bench: Bench, engine: Engine, keeping: Registry
) -> None:
    held = await claimed(bench)
    output = await put_output(container, held)
    await sweep_bucket(container)
    await finish(engine, held, output)
    assert await sweep_bucket(container, times=3) == 0
    assert await are_there(container, [output]) == [True]


async def test_a_commit_between_two_sweeps_keeps_the_object(container: Container, bench: Bench) -> None:
    held = await claimed(bench)
    output = await put_output(container, held)
    await lose(bench, held)
    await sweep_bucket(container)
    async with container.system_work() as work:
        await work.objects.reserve(output)
    assert await sweep_bucket(container, times=3) == 0
    assert await are_there(container, [output]) == [True]


async def test_sweeps_during_a_commit_keep_the_object(
    container: Container, bench: Bench, engine: Engine, registry: Registry
) -> None:
    in_the_middle, go_on = asyncio.Event(), asyncio.Event()

    @registry.on_finished(KIND)
    async def slow(work: Work, finished: FinishedJob, now: datetime) -> None:
        in_the_middle.set()
        await go_on.wait()

    held = await claimed(bench)
    output = await put_output(container, held)
    finishing = asyncio.create_task(finish(engine, held, output))
    await in_the_middle.wait()
    await sweep_bucket(container, times=2)
    go_on.set()
    await finishing
    await sweep_bucket(container, times=2)
    assert await are_there(container, [output]) == [True]


async def test_sweeps_beside_reports_and_losses_take_the_lost_alone(
    container: Container, bench: Bench, engine: Engine, keeping: Registry
) -> None:
    kept = [await claimed(bench) for _ in range(6)]
    outputs = [await put_output(container, each, each.fence.claim_id.bytes) for each in kept]
    lost = [await claimed(bench) for _ in range(6)]
    strays = [await put_output(container, each) for each in lost]
    await asyncio.gather(
        *(finish(engine, each, output) for each, output in zip(kept, outputs, strict=True)),
        *(bench.expire(each.fence) for each in lost),
        *(sweep_bucket(container, times=3) for _ in range(2)),
    )
    await bench.dispatches.reap(limit=10)
    await sweep_bucket(container, times=2)
    assert await are_there(container, outputs) == [True] * 6
    assert await are_there(container, strays) == [False] * 6


async def test_what_is_young_by_the_databases_clock_is_not_marked(container: Container, bench: Bench) -> None:
    held = await claimed(bench)
    output = await put_output(container, held)
    await lose(bench, held)
    # The sweeping process's clock has no say.
    ahead = replace(container, now=lambda: container.now() + timedelta(days=9))
    assert await sweep_bucket(ahead, times=3, age=timedelta(hours=1)) == 0
    assert await are_there(container, [output]) == [True]


async def test_bytes_of_every_kind_without_a_row_go_and_with_one_stay(container: Container) -> None:
    tenant = Tenant(container, await new_workspace(container))
    stored = await tenant.store()
    upload_id = await tenant.put_upload()
    mine = {stored.key, f"uploads/{tenant.id}/{upload_id}"}
    spare = [f"objects/{tenant.id}/late", f"uploads/{tenant.id}/{container.new_id()}", "art/nobody", "uploads/x/y"]
    for key in spare:
        await container.store.put(key, b"late", content_type="image/png")
    await sweep_bucket(container, times=2)
    assert set(await keys_in_bucket(container)) == mine


async def test_nothing_of_a_workspace_that_is_gone_is_left(container: Container, bench: Bench) -> None:
    tenant = Tenant(container, await new_workspace(container))
    await tenant.store()
    await tenant.put_upload()
    await bench.as_owner("delete from workspaces where id = :id", id=tenant.id)
    await sweep_bucket(container, times=2)
    assert await keys_in_bucket(container) == []


async def test_a_listing_of_many_pages_is_swept_to_its_end(
    container: Container, settings: Settings, stack: EmbeddedStack
) -> None:
    folder = stack.folder / "storage" / settings.storage.bucket / "art" / "lost"
    folder.mkdir(parents=True)
    for number in range(1005):
        (folder / f"{number:04}").write_bytes(b"")
    await sweep_bucket(container)
    async with container.system_work() as work:
        marked = await work.strays.list_marked(before=await work.strays.now(), limit=2000)
    assert len(marked) == 1005


async def test_the_applications_role_may_not_touch_the_marks(container: Container) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with container.work() as work:
            await work.strays.remove(["art/a"])
