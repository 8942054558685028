"""Jobs of a worker, over real HTTP, in a real child process, from their enqueue to their end."""

import asyncio
import base64
import hashlib
import os
import shutil
import signal
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from adapters.postgres.model_families import to_family
from bootstrap.container import Work
from domain.identifiers import ObjectId
from domain.jobs.models import EndedJob, FinishedJob, JobInput, JobState, NewJob
from domain.jobs.operations import OperatorOrder, WorkerState
from domain.media.models import Content, StoredObject
from gpu_worker.attempt import Outcome
from gpu_worker.health import Health
from gpu_worker.supervisor import Supervisor
from jobs.registry import Registry
from tests.builders_jobs import Bench
from tests.gpu_worker import engines
from tests.gpu_worker.conftest import KIND, Lab, keyframe_job


async def test_a_worker_makes_what_was_asked_and_its_slice_gets_it(lab: Lab, bench: Bench, registry: Registry) -> None:
    finished: list[FinishedJob] = []

    @registry.on_finished(KIND)
    async def keyframe_made(work: Work, job: FinishedJob, now: datetime) -> None:
        finished.append(job)

    workspace_id = await bench.add_workspace()
    content = b"a cut-out"
    sha256 = hashlib.sha256(content).hexdigest()
    container = bench.container
    await container.store.put(f"tests/{sha256}", content, content_type="image/png")
    stored = StoredObject(
        ObjectId(container.new_id()),
        workspace_id,
        f"tests/{sha256}",
        Content("image/png", len(content), sha256),
        container.now(),
    )
    async with container.work(workspace_id) as work:
        await work.objects.reserve(stored)
    new = replace(keyframe_job(workspace_id, inputs=(JobInput("peter.png", stored.id),)), affinity="tiny keyframe")
    later = keyframe_job(workspace_id)
    async with lab.open(), lab.worker():
        await bench.enqueue(new)
        row = await bench.ended(new.id, seconds=40)
        await bench.enqueue(later)
        await bench.ended(later.id)
        async with container.work(workspace_id) as work:
            served = await work.model_families.served(["tiny"])
    assert (row.state, row.lost, row.attempts) == ("succeeded", 0, 0)
    assert served == {"tiny": [to_family(engines.MODEL)]}
    assert await bench.as_owner_answer("select warm from workers where warm <> '{}'") == ["tiny keyframe"]
    async with container.work(workspace_id) as work:
        made = await work.objects.find(workspace_id, finished[0].objects["keyframe.png"])
    assert made is not None
    assert await container.store.read(made.key, bytes_max=100) == b"picture of a cut-out"


async def test_what_asks_for_a_skill_waits_for_a_worker_that_has_it(lab: Lab, bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    plain, skilled = keyframe_job(workspace_id), keyframe_job(workspace_id, engine="tiny.painting")
    large = lab.settings(engines=("tests.gpu_worker.engines:LargeEngine",), id="worker-2")
    async with lab.open():
        await bench.enqueue(skilled)
        async with lab.worker():
            await bench.enqueue(plain)
            assert (await bench.ended(plain.id, seconds=40)).state == "succeeded"
            assert await bench.state(skilled.id) is JobState.QUEUED
        async with lab.worker(large):
            assert (await bench.ended(skilled.id, seconds=40)).state == "succeeded"


async def test_who_loads_for_long_is_not_taken_for_stuck(lab: Lab, bench: Bench) -> None:
    assert await end(lab, bench, seed=engines.LOADS, stall_seconds=3.0) == ("succeeded", None)


async def test_a_worker_that_is_to_stop_does_not_wait_for_what_it_fetches(lab: Lab) -> None:
    stopping = asyncio.Event()
    supervisor = Supervisor(lab.settings(engines=("tests.gpu_worker.engines:EndlessEngine",)))
    running = asyncio.create_task(supervisor.run(stopping))
    while supervisor.workshop.pid is None:
        await asyncio.wait({running}, timeout=0.05)
    stopping.set()
    async with asyncio.timeout(20):
        await running
    assert supervisor.workshop.pid is None


async def test_a_cache_that_is_no_folder_costs_an_attempt_and_the_worker_goes_on(lab: Lab, bench: Bench) -> None:
    async def job_with_input() -> NewJob:
        workspace_id, sha256 = await bench.add_workspace(), hashlib.sha256(b"a cut-out").hexdigest()
        content, container = Content("image/png", 9, sha256), bench.container
        key = f"tests/{workspace_id}/{sha256}"
        await container.store.put(key, b"a cut-out", content_type="image/png")
        stored = StoredObject(ObjectId(container.new_id()), workspace_id, key, content, container.now())
        async with container.work(workspace_id) as work:
            await work.objects.reserve(stored)
        return replace(keyframe_job(workspace_id, inputs=(JobInput("peter.png", stored.id),)), attempts_max=1)

    broken, well = await job_with_input(), await job_with_input()
    cache = lab.folder / "cache"
    async with lab.open(), lab.worker():
        cache.rmdir()
        cache.touch()
        await bench.enqueue(broken)
        failed = await bench.ended(broken.id, seconds=60)
        # A folder that is gone is made again.
        cache.unlink()
        await bench.enqueue(well)
        made = await bench.ended(well.id, seconds=60)
    assert (failed.state, failed.error_code, failed.attempts, failed.lost) == ("failed", "UNAVAILABLE", 1, 0)
    assert made.state == "succeeded"


async def test_without_room_for_outputs_a_job_is_handed_back_and_the_worker_goes_on(lab: Lab, bench: Bench) -> None:
    new = keyframe_job(await bench.add_workspace())

    async def becomes(health: Health) -> None:
        async with asyncio.timeout(60):
            while await lab.health.get() is not health:
                pass

    async with lab.open(), lab.worker():
        await becomes(Health.READY)
        (room,) = lab.work_folder.iterdir()
        shutil.rmtree(room)
        await bench.enqueue(new)
        await becomes(Health.BUSY)
        await becomes(Health.READY)
        room.mkdir()
        row = await bench.ended(new.id, seconds=60)
    assert (row.state, row.attempts, row.lost) == ("succeeded", 0, 0)


async def end(lab: Lab, bench: Bench, *, seed: int, action: str = "", **settings: object) -> tuple[str, str | None]:
    new = keyframe_job(await bench.add_workspace(), seed=seed, action=action)
    async with lab.open(), lab.worker(lab.settings(**settings)):
        await bench.enqueue(new)
        row = await bench.ended(new.id, seconds=60)
    return row.state, row.error_code


async def test_a_command_that_cannot_be_done_fails_the_job(lab: Lab, bench: Bench, registry: Registry) -> None:
    ended: list[EndedJob] = []

    @registry.on_failed(KIND)
    async def failed(work: Work, job: EndedJob, now: datetime) -> None:
        ended.append(job)

    assert await end(lab, bench, seed=engines.REFUSES) == ("failed", "INVALID")
    assert ended[0].failure_message == "This shot cannot be filmed."


async def test_a_child_that_is_killed_is_replaced_and_the_job_still_finishes(
    lab: Lab, bench: Bench, tmp_path: Path
) -> None:
    state, _ = await end(lab, bench, seed=engines.DIES_ONCE, action=str(tmp_path / "died"))
    assert state == "succeeded"


async def test_a_child_killed_in_mid_step_is_followed_by_one_that_goes_on_from_its_checkpoint(
    lab: Lab, bench: Bench, registry: Registry, tmp_path: Path
) -> None:
    finished: list[FinishedJob] = []

    @registry.on_finished(KIND)
    async def keyframe_made(work: Work, job: FinishedJob, now: datetime) -> None:
        finished.append(job)

    workspace_id, mark = await bench.add_workspace(), tmp_path / "child"
    new = keyframe_job(workspace_id, seed=engines.SAVES, action=str(mark))
    async with lab.open(), lab.worker():
        async with bench.container.progress.watch(workspace_id) as watch:
            await bench.enqueue(new)
            while (saved_id := (await bench.row(new.id)).checkpoint_id) is None:
                await watch.next(0.2)
        os.kill(int(mark.read_text()), signal.SIGKILL)
        row = await bench.ended(new.id, seconds=40)
    assert (row.state, row.lost, row.checkpoint_id) == ("succeeded", 1, None)
    async with bench.container.work(workspace_id) as work:
        saved = await work.objects.find(workspace_id, ObjectId(saved_id))
        made = await work.objects.find(workspace_id, finished[0].objects["keyframe.png"])
    assert saved is not None
    assert saved.references == 0
    assert made is not None
    assert await bench.container.store.read(made.key, bytes_max=100) == b"picture of half of it"


async def test_a_command_that_kills_every_child_is_set_aside(lab: Lab, bench: Bench) -> None:
    assert await end(lab, bench, seed=engines.DIES) == ("dead", "WORKER_LOST")


async def test_a_child_that_hangs_is_killed_and_counted_as_lost(lab: Lab, bench: Bench) -> None:
    assert await end(lab, bench, seed=engines.HANGS, stall_seconds=0.3) == ("dead", "WORKER_LOST")


async def test_a_cancelled_job_stops_its_child(lab: Lab, bench: Bench) -> None:
    new = keyframe_job(await bench.add_workspace(), seed=engines.HANGS)
    async with lab.open(), lab.worker():
        async with bench.container.progress.watch(new.workspace_id) as watch:
            await bench.enqueue(new)
            [moved] = await watch.next(30)
        assert (moved.part, moved.fraction) == ("shot-1", 0.5)
        async with bench.container.work(new.workspace_id) as work:
            await work.jobs.cancel(new.id, "changed my mind")
        assert (await bench.ended(new.id)).state == "canceled"


async def test_files_of_a_child_that_writes_until_it_is_killed_are_gone_when_its_job_has_ended(
    lab: Lab, bench: Bench
) -> None:
    new = keyframe_job(await bench.add_workspace(), seed=engines.WRITES)
    async with lab.open(), lab.worker(lab.settings(halt_seconds=0.1, stop_seconds=0.1)):
        async with bench.container.progress.watch(new.workspace_id) as watch:
            await bench.enqueue(new)
            assert await watch.next(30)
        async with bench.container.work(new.workspace_id) as work:
            await work.jobs.cancel(new.id, "changed my mind")
        assert (await bench.ended(new.id)).state == "canceled"
        told = [await asyncio.wait_for(lab.health.get(), 30) for _ in range(3)]
        assert told == [Health.READY, Health.BUSY, Health.STARTING], "its child was ended, so another is started"
        assert [list(own.iterdir()) for own in lab.work_folder.iterdir()] == [[]]


async def test_a_cancelled_command_ends_at_its_next_step_and_its_child_goes_on(lab: Lab, bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    endless, next_one = keyframe_job(workspace_id, seed=engines.WALKS), keyframe_job(workspace_id)
    async with lab.open(), lab.worker(lab.settings(halt_seconds=20.0)) as worker:
        async with bench.container.progress.watch(workspace_id) as watch:
            await bench.enqueue(endless)
            previews = [each.preview for each in await watch.next(30)]
            while not any(previews):
                previews = [each.preview for each in await watch.next(30)]
        assert previews == [base64.b64encode(engines.PREVIEW).decode()]
        async with bench.container.work(workspace_id) as work:
            await work.jobs.cancel(endless.id, "changed my mind")
        assert (await bench.ended(endless.id)).state == "canceled"
        await bench.enqueue(next_one)
        assert (await bench.ended(next_one.id)).state == "succeeded"
        assert worker.workshop.children_started == 1


async def test_a_worker_outlives_a_restart_of_the_control_application(lab: Lab, bench: Bench) -> None:
    new = keyframe_job(await bench.add_workspace())
    async with lab.worker():
        assert await asyncio.wait_for(lab.health.get(), 30) is Health.READY
        async with lab.open():
            await bench.enqueue(new)
            assert (await bench.ended(new.id, seconds=40)).state == "succeeded"


async def test_a_claim_that_comes_too_late_does_not_end_the_worker(lab: Lab, bench: Bench) -> None:
    lab.refusals["claim"] = [409]
    assert await end(lab, bench, seed=engines.FINE) == ("succeeded", None)


async def test_a_report_that_is_refused_does_not_end_the_worker(lab: Lab, bench: Bench, tmp_path: Path) -> None:
    lab.refusals["fail"], lab.lease_seconds = [422], 1.0
    state, _ = await end(lab, bench, seed=engines.DIES_ONCE, action=str(tmp_path / "died"))
    assert state == "succeeded", "the lease ran out, and the same worker was given the job again"


async def test_a_report_that_is_answered_late_is_no_lost_lease(lab: Lab, bench: Bench) -> None:
    first, second = [keyframe_job(await bench.add_workspace()) for _ in range(2)]
    lab.late["finish"] = 1.0  # several beats, each told that this lease is over
    async with lab.open(), lab.worker() as worker:
        for each in (first, second):
            await bench.enqueue(each)
            assert (await bench.ended(each.id, seconds=60)).state == "succeeded"
        # The second was claimed when the first one's outcome had been noted.
        assert worker.outcomes[Outcome.LOST] == 0
        assert worker.outcomes[Outcome.SUCCEEDED] >= 1


async def test_an_engine_that_cannot_be_set_up_takes_no_job(lab: Lab, bench: Bench) -> None:
    broken = lab.settings(engines=("tests.gpu_worker.engines:BrokenEngine",))
    new = keyframe_job(await bench.add_workspace())
    async with lab.open(), lab.worker(broken):
        await bench.enqueue(new)
        told = [await asyncio.wait_for(lab.health.get(), 60) for _ in range(2)]
    row = await bench.row(new.id)
    assert told == [Health.SETUP_FAILED, Health.SETUP_FAILED], "it has tried again, and has had the time to ask"
    assert (row.state, row.epoch) == ("queued", 0)
    assert await bench.as_owner_answer("select count(*) from workers") == 0, "nobody has asked"


async def test_a_worker_that_an_operator_drains_hands_back_and_idles_until_it_may_go_on(
    lab: Lab, bench: Bench, tmp_path: Path
) -> None:
    operations, order = bench.container.operations, OperatorOrder("ada", "A new driver.")
    new = keyframe_job(await bench.add_workspace(), seed=engines.HANGS_ONCE, action=str(tmp_path / "hung"))
    settings = lab.settings(drain_seconds=0.1)
    async with lab.open(), lab.worker(settings), bench.container.progress.watch(new.workspace_id) as watch:
        await bench.enqueue(new)
        assert await watch.next(30)
        await operations.set_worker_state(order, "worker-1", WorkerState.DRAINING)
        await bench.reached(new.id, JobState.QUEUED)
        await operations.set_worker_state(order, "worker-1", WorkerState.READY)
        row = await bench.ended(new.id, seconds=60)
    assert (row.state, row.attempts, row.lost, row.epoch) == ("succeeded", 0, 0, 2)
