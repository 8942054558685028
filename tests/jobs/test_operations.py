"""What operators do to jobs, queues and workers, and the note that it leaves."""

import asyncio
from datetime import datetime

import pytest

from bootstrap.clock import new_id
from bootstrap.container import Work
from bootstrap.operations import Operations
from domain.errors import Invalid
from domain.identifiers import JobId
from domain.jobs.errors import FenceLost
from domain.jobs.models import EndedJob, JobState, Queue
from domain.jobs.operations import (
    JobFilter,
    JobMoveRefused,
    JobNotFound,
    OperatorOrder,
    WorkerNotFound,
    WorkerState,
)
from domain.jobs.policies import Failure, FailureCode
from domain.paging import PageRequest
from jobs.registry import Registry
from tests.builders_jobs import Bench, failed_job, job, job_stream, names, worker
from tests.jobs.conftest import Engine

ORDER = OperatorOrder("ada", "The store is back.")
BROKEN = Failure(FailureCode.INVALID, "The store is away.")


@pytest.fixture
def operations(bench: Bench) -> Operations:
    return bench.container.operations


async def test_a_retried_job_begins_anew_but_for_its_epoch(bench: Bench, operations: Operations) -> None:
    job_id = await failed_job(bench, BROKEN)
    await operations.retry_job(ORDER, job_id)
    row = await bench.row(job_id)
    assert (row.state, row.attempts, row.lost, row.epoch, row.requeues) == ("queued", 0, 0, 1, 1)
    assert (row.error_code, row.finished_at, row.delivery) == (None, None, 1)


async def test_a_retried_job_ends_a_second_time_in_the_same_stream(bench: Bench, operations: Operations) -> None:
    job_id = await failed_job(bench, BROKEN)
    await operations.retry_job(ORDER, job_id)
    await bench.dispatch(slots=100)
    claimed = await bench.claim()
    assert claimed is not None
    async with bench.container.system_work(claimed.workspace_id) as work:
        await work.held_jobs.finish(claimed.fence, worked_seconds=1.0, result={})
    told = await bench.container.feed.read_stream(job_stream(job_id, claimed.workspace_id), after=0)
    assert names(told) == ["JobQueued", "JobStarted", "JobFailed", "JobRequeued", "JobStarted", "JobSucceeded"]
    assert claimed.fence.epoch == 2


async def test_a_note_tells_who_why_and_how_it_was(bench: Bench, operations: Operations) -> None:
    job_id = await failed_job(bench, BROKEN)
    await operations.retry_job(ORDER, job_id)
    [note] = (await operations.find_job(job_id)).actions
    assert (note.operator, note.action, note.reason) == ("ada", "retry_job", "The store is back.")
    assert (note.before["state"], note.before["error_code"]) == ("failed", "INVALID")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_an_order_needs_a_reason(reason: str) -> None:
    with pytest.raises(Invalid, match="1 to 500 characters"):
        OperatorOrder("ada", reason)


async def test_a_job_that_has_not_ended_is_not_retried_and_no_note_is_left(
    bench: Bench, operations: Operations
) -> None:
    new = job(await bench.add_workspace())
    await bench.enqueue(new)
    with pytest.raises(JobMoveRefused, match="queued"):
        await operations.retry_job(ORDER, new.id)
    assert (await operations.find_job(new.id)).actions == []


async def test_a_job_whose_parent_failed_is_retried_after_its_parent_only(bench: Bench, operations: Operations) -> None:
    parent = await failed_job(bench, BROKEN)
    child = job(await bench.space_of(parent))
    await bench.enqueue(child)
    await bench.as_owner(
        "update jobs set state = 'aborted', finished_at = clock_timestamp() where id = :id", id=child.id
    )
    await bench.as_owner("insert into job_dependencies values (:child, :parent)", child=child.id, parent=parent)
    with pytest.raises(JobMoveRefused, match="retry that one first"):
        await operations.retry_job(ORDER, child.id)
    await operations.retry_job(ORDER, parent)
    await operations.retry_job(ORDER, child.id)
    assert await bench.state(child.id) is JobState.BLOCKED


async def test_what_is_set_aside_dies_and_its_slice_hears_why(
    bench: Bench, registry: Registry, engine: Engine, operations: Operations
) -> None:
    heard: list[EndedJob] = []

    @registry.on_failed("tests.poison")
    async def poisoned(work: Work, ended: EndedJob, now: datetime) -> None:
        heard.append(ended)

    new = job(await bench.add_workspace(), kind="tests.poison")
    await bench.enqueue(new)
    assert await operations.set_job_aside(OperatorOrder("ada", "It is poison."), new.id) is JobState.QUEUED
    assert await bench.dispatch(slots=100) == []
    await engine.reaper.reap()
    row = await bench.row(new.id)
    assert (row.state, row.error_code, row.error_message) == ("dead", "SET_ASIDE", "It is poison.")
    assert [each.failure_message for each in heard] == ["It is poison."]


async def test_a_running_job_that_is_set_aside_is_fenced_at_once(
    bench: Bench, engine: Engine, operations: Operations
) -> None:
    claimed = await bench.start(job(await bench.add_workspace()))
    assert await operations.set_job_aside(ORDER, claimed.id) is JobState.RUNNING
    with pytest.raises(FenceLost):
        async with bench.container.system_work(claimed.workspace_id) as work:
            await work.held_jobs.finish(claimed.fence, worked_seconds=1.0, result={})
    with pytest.raises(FenceLost):
        await bench.claims.beat(claimed.fence, lease_seconds=60)
    await engine.reaper.reap()
    assert (await bench.row(claimed.id)).state == "dead"


async def test_what_was_set_aside_can_be_retried(bench: Bench, engine: Engine, operations: Operations) -> None:
    claimed = await bench.start(job(await bench.add_workspace()))
    await operations.set_job_aside(ORDER, claimed.id)
    await engine.reaper.reap()
    await operations.retry_job(ORDER, claimed.id)
    assert await bench.dispatch(slots=100) == [claimed.id]


async def test_a_paused_queue_takes_back_what_nobody_began_and_dispatches_nothing(
    bench: Bench, operations: Operations
) -> None:
    running = await bench.start(job(await bench.add_workspace()))
    waiting = job(await bench.add_workspace())
    await bench.enqueue(waiting)
    await bench.dispatch(slots=100)
    assert await operations.pause_queue(ORDER, Queue.CPU) == 1
    assert (await bench.state(waiting.id), await bench.state(running.id)) == (JobState.QUEUED, JobState.RUNNING)
    assert await bench.dispatch(slots=100) == []
    await operations.resume_queue(ORDER, Queue.CPU)
    assert await bench.dispatch(slots=100) == [waiting.id]


async def test_queues_and_workers_are_told_with_their_load(bench: Bench, operations: Operations) -> None:
    running = await bench.start(job(await bench.add_workspace()))
    await bench.claims.see(worker())
    await bench.enqueue(job(await bench.add_workspace()))
    [cpu] = [each for each in await operations.list_queues() if each.queue is Queue.CPU]
    assert (cpu.depths, cpu.is_paused) == ({JobState.QUEUED: 1, JobState.RUNNING: 1}, False)
    assert cpu.oldest_seconds is not None
    loads = {each.id: list(each.job_ids) for each in await operations.list_workers()}
    assert loads == {"worker-1": [running.id], "cpu-hands": []}


async def test_the_poison_is_requeued_by_filter_and_what_is_refused_is_told(
    bench: Bench, operations: Operations
) -> None:
    good, other = await failed_job(bench, BROKEN), await failed_job(bench, BROKEN, kind="tests.other")
    refused = await failed_job(bench, BROKEN, kind="storyboards.write")
    wanted = JobFilter(state=JobState.FAILED)
    came = await operations.requeue_jobs(ORDER, JobFilter(state=JobState.FAILED, kind="tests.work"))
    assert (list(came.job_ids), came.refused, came.has_more) == ([good], [], False)
    came = await operations.requeue_jobs(ORDER, wanted)
    assert list(came.job_ids) == [other]
    assert [each.job_id for each in came.refused] == [refused]
    assert "createStoryboard" in came.refused[0].reason


async def test_running_jobs_are_not_requeued_by_filter(operations: Operations) -> None:
    with pytest.raises(Invalid, match="Only failed, dead and aborted"):
        await operations.requeue_jobs(ORDER, JobFilter(state=JobState.RUNNING))


async def test_jobs_are_listed_newest_first_and_page_by_page(bench: Bench, operations: Operations) -> None:
    workspace_id = await bench.add_workspace()
    jobs = [job(workspace_id) for _ in range(3)]
    await bench.enqueue(*jobs, job(await bench.add_workspace()))
    wanted = JobFilter(workspace_id=workspace_id)
    first = await operations.list_jobs(wanted, PageRequest(first=2))
    rest = await operations.list_jobs(wanted, PageRequest(first=2, after=first.edges[-1].cursor))
    assert [edge.item.id for edge in (*first.edges, *rest.edges)] == [each.id for each in reversed(jobs)]
    assert (first.has_next, rest.has_next) == (True, False)


async def test_who_is_not_there_is_refused(operations: Operations) -> None:
    with pytest.raises(JobNotFound):
        await operations.set_job_aside(ORDER, JobId(new_id()))
    with pytest.raises(WorkerNotFound):
        await operations.set_worker_state(ORDER, "nobody", WorkerState.DRAINING)


async def test_a_drained_runner_idles_and_hands_back_and_goes_on_when_it_may(
    bench: Bench, registry: Registry, operations: Operations
) -> None:
    has_begun = asyncio.Event()

    @registry.task("tests.slow")
    async def run(context: object, claimed: object) -> None:
        if not has_begun.is_set():
            has_begun.set()
            await asyncio.Event().wait()

    engine = Engine(bench.container, registry, drain_seconds=0)
    new = job(await bench.add_workspace(), kind="tests.slow", queue=Queue.INTERNAL)
    async with engine.running():
        await bench.enqueue(new)
        await asyncio.wait_for(has_begun.wait(), 10)
        await operations.set_worker_state(ORDER, "runner-1", WorkerState.DRAINING)
        await bench.reached(new.id, JobState.QUEUED)
        await operations.set_worker_state(ORDER, "runner-1", WorkerState.READY)
        row = await bench.ended(new.id)
    assert (row.state, row.attempts, row.lost, row.epoch) == ("succeeded", 0, 0, 2)
