"""Jobs that a worker does in one batch: each has its own end, whatever becomes of the others."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bootstrap.container import Work
from domain.identifiers import ObjectId, WorkspaceId
from domain.jobs.models import FinishedJob, JobInput, NewJob
from domain.media.models import Content, StoredObject
from gpu_worker.settings import WorkerSettings
from jobs.registry import Registry
from tests.builders_jobs import Bench
from tests.gpu_worker import engines
from tests.gpu_worker.conftest import KIND, Lab, keyframe_job

ENGINE = "tests.gpu_worker.engines:BatchEngine"


@pytest.fixture
def batching(lab: Lab) -> WorkerSettings:
    lab.lease_seconds = 20.0
    return lab.settings(engines=(ENGINE,), halt_seconds=20.0)


def batch_of(workspace_id: WorkspaceId, seeds: Sequence[int], *, mark: Path) -> list[NewJob]:
    """Keyframes of shots that are told apart by their number."""
    jobs = [keyframe_job(workspace_id, seed=seed, action=str(mark)) for seed in seeds]
    return [replace(job, payload={**job.payload, "progress": {"part": f"shot-{n}"}}) for n, job in enumerate(jobs)]


async def lost_input(bench: Bench, workspace_id: WorkspaceId) -> JobInput:
    """An input that is on the books, while its bytes are gone from the bucket."""
    container = bench.container
    facts = Content("image/png", 9, "0" * 64)
    lost = StoredObject(ObjectId(container.new_id()), workspace_id, f"tests/{workspace_id}", facts, container.now())
    async with container.work(workspace_id) as work:
        await work.objects.reserve(lost)
    return JobInput("peter.png", lost.id)


async def cancel(bench: Bench, new: NewJob) -> None:
    async with bench.container.work(new.workspace_id) as work:
        await work.jobs.cancel(new.id, "changed my mind")


async def ends(bench: Bench, jobs: Sequence[NewJob]) -> list[tuple[str, int, int]]:
    rows = [await bench.ended(each.id, seconds=60) for each in jobs]
    return [(row.state, row.attempts, row.lost) for row in rows]


async def test_one_of_a_batch_is_cancelled_and_the_others_go_on(
    lab: Lab, bench: Bench, registry: Registry, batching: WorkerSettings, tmp_path: Path
) -> None:
    made: dict[object, object] = {}

    @registry.on_finished(KIND)
    async def keyframe_made(work: Work, job: FinishedJob, now: datetime) -> None:
        made[job.id] = job.result["notes"]

    workspace_id, mark = await bench.add_workspace(), tmp_path / "go on"
    jobs = batch_of(workspace_id, [engines.WAITS] * 3, mark=mark)
    previews: dict[str, str | None] = {}
    await bench.enqueue(*jobs)
    async with bench.container.progress.watch(workspace_id) as watch, lab.open(), lab.worker(batching) as worker:
        async with asyncio.timeout(30):
            while len(previews) < 3:
                previews |= {each.part: each.preview for each in await watch.next(30) if each.preview}
        await cancel(bench, jobs[1])
        assert (await bench.ended(jobs[1].id)).state == "canceled"
        mark.touch()
        assert await ends(bench, [jobs[0], jobs[2]]) == [("succeeded", 0, 0)] * 2
        assert worker.workshop.children_started == 1
    assert made == {jobs[0].id: {"batch": 3}, jobs[2].id: {"batch": 3}}
    shown = [base64.b64encode(engines.preview_of(number)).decode() for number in range(3)]
    assert previews == {f"shot-{number}": each for number, each in enumerate(shown)}


async def test_a_batch_that_nobody_wants_any_more_ends_at_its_next_step(
    lab: Lab, bench: Bench, batching: WorkerSettings, tmp_path: Path
) -> None:
    workspace_id = await bench.add_workspace()
    jobs = batch_of(workspace_id, [engines.WAITS] * 2, mark=tmp_path / "never")
    await bench.enqueue(*jobs)
    async with bench.container.progress.watch(workspace_id) as watch, lab.open(), lab.worker(batching) as worker:
        assert await watch.next(30)
        for each in jobs:
            await cancel(bench, each)
        assert await ends(bench, jobs) == [("canceled", 0, 0)] * 2
        await bench.enqueue(after := keyframe_job(workspace_id))
        assert await ends(bench, [after]) == [("succeeded", 0, 0)]
        assert worker.workshop.children_started == 1


async def test_one_that_cannot_be_done_or_breaks_the_batch_costs_the_others_nothing(
    lab: Lab, bench: Bench, batching: WorkerSettings, tmp_path: Path
) -> None:
    seeds = [engines.REFUSES, engines.BREAKS, engines.FINE, engines.FINE]
    workspace_id = await bench.add_workspace()
    refused, broken, lacking, fine = batch_of(workspace_id, seeds, mark=tmp_path / "mark")
    broken = replace(broken, attempts_max=1)
    lacking = replace(lacking, attempts_max=1, inputs=(await lost_input(bench, workspace_id),))
    await bench.enqueue(refused, broken, lacking, fine)
    async with lab.open(), lab.worker(batching) as worker:
        assert await ends(bench, [fine]) == [("succeeded", 0, 0)]
        codes = [(await bench.ended(each.id, seconds=60)).error_code for each in (refused, broken, lacking)]
        assert worker.workshop.children_started == 1
    assert codes == ["INVALID", "INTERNAL", "INTERNAL"]


async def test_a_child_that_is_killed_costs_each_of_its_batch_one_loss_and_then_they_are_done_alone(
    lab: Lab, bench: Bench, batching: WorkerSettings, tmp_path: Path
) -> None:
    seeds = [engines.FINE, engines.DIES_ONCE, engines.FINE]
    jobs = batch_of(await bench.add_workspace(), seeds, mark=tmp_path / "died")
    await bench.enqueue(*jobs)
    async with lab.open(), lab.worker(batching) as worker:
        assert await ends(bench, jobs) == [("succeeded", 0, 1)] * 3
        assert worker.workshop.accounts.totals["tiny"].denoising_steps == 3 * 4


async def test_a_worker_that_stops_hands_back_the_whole_batch(
    lab: Lab, bench: Bench, batching: WorkerSettings, tmp_path: Path
) -> None:
    workspace_id = await bench.add_workspace()
    jobs = batch_of(workspace_id, [engines.WAITS] * 2, mark=tmp_path / "never")
    await bench.enqueue(*jobs)
    async with lab.open():
        stopped = batching.model_copy(update={"drain_seconds": 0.0})
        async with bench.container.progress.watch(workspace_id) as watch, lab.worker(stopped):
            assert await watch.next(30)
        rows = [await bench.row(each.id) for each in jobs]
    assert [(row.attempts, row.lost, row.epoch) for row in rows] == [(0, 0, 1)] * 2
    assert {row.state for row in rows} <= {"queued", "dispatched"}


async def test_a_worker_does_one_at_a_time_where_its_operator_wants_that(
    lab: Lab, bench: Bench, registry: Registry, batching: WorkerSettings, tmp_path: Path
) -> None:
    made: list[object] = []

    @registry.on_finished(KIND)
    async def keyframe_made(work: Work, job: FinishedJob, now: datetime) -> None:
        made.append(job.result["notes"])

    jobs = batch_of(await bench.add_workspace(), [engines.FINE] * 2, mark=tmp_path / "mark")
    await bench.enqueue(*jobs)
    async with lab.open(), lab.worker(batching.model_copy(update={"batch": 1})):
        assert await ends(bench, jobs) == [("succeeded", 0, 0)] * 2
    assert made == [{}, {}]
