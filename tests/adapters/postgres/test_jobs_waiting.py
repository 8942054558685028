"""Jobs that wait for others, and jobs that come too late to start."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bootstrap.clock import new_id
from bootstrap.container import Container
from domain.identifiers import JobId
from domain.jobs.errors import WaitsForUnknown
from domain.jobs.models import CancelOutcome, JobState
from domain.jobs.policies import Failure, FailureCode
from tests.builders_jobs import Bench, job, job_stream, names


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


async def end_next(bench: Bench, *, is_success: bool) -> JobId:
    await bench.dispatch(slots=1)
    claimed = await bench.claim()
    assert claimed is not None
    async with bench.container.system_work(claimed.workspace_id) as work:
        if is_success:
            await work.held_jobs.finish(claimed.fence, worked_seconds=1, result={})
        else:
            await work.held_jobs.fail(claimed.fence, Failure(FailureCode.INVALID, "No."), retry_seconds=None)
    return claimed.id


async def test_a_job_starts_when_all_that_it_waits_for_have_succeeded(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    parts = [job(workspace_id) for _ in range(2)]
    whole = replace(job(workspace_id), waits_for=[part.id for part in parts])
    await bench.enqueue(*parts, whole)
    assert await bench.state(whole.id) is JobState.BLOCKED
    await end_next(bench, is_success=True)
    assert await bench.state(whole.id) is JobState.BLOCKED
    await end_next(bench, is_success=True)
    assert await end_next(bench, is_success=True) == whole.id


async def test_what_a_job_waits_for_is_no_wait_in_its_queue(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    part = job(workspace_id)
    whole = replace(job(workspace_id), waits_for=[part.id])
    await bench.enqueue(part, whole)
    await bench.as_owner(
        "update jobs set created_at = created_at - interval '1 hour', run_at = run_at - interval '1 hour'"
    )
    await end_next(bench, is_success=True)
    await bench.dispatch(slots=1)
    claimed = await bench.claim()
    assert claimed is not None
    assert claimed.id == whole.id
    assert claimed.waited_seconds < 60


async def test_a_job_is_given_up_when_one_that_it_waits_for_fails(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    part = job(workspace_id)
    whole = replace(job(workspace_id), waits_for=[part.id])
    last = replace(job(workspace_id), waits_for=[whole.id])
    await bench.enqueue(part, whole, last)
    await end_next(bench, is_success=False)
    assert [await bench.state(each.id) for each in (whole, last)] == [JobState.ABORTED, JobState.ABORTED]


async def test_waiting_for_what_has_succeeded_is_no_waiting(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    part = job(workspace_id)
    await bench.enqueue(part)
    await end_next(bench, is_success=True)
    whole = replace(job(workspace_id), waits_for=[part.id])
    await bench.enqueue(whole)
    assert await bench.state(whole.id) is JobState.QUEUED


async def test_a_job_that_cannot_start_in_time_is_aborted(bench: Bench) -> None:
    late = replace(job(await bench.add_workspace()), start_before=bench.container.now() - timedelta(seconds=1))
    await bench.enqueue(late)
    assert await bench.dispatch() == []
    [ended] = await bench.dispatches.list_doomed(limit=10)
    assert (ended.id, ended.state) == (late.id, JobState.ABORTED)
    async with bench.container.system_work(late.workspace_id) as work:
        assert await work.held_jobs.bury(late.id)
    assert await bench.state(late.id) is JobState.ABORTED


async def test_waiting_for_what_has_failed_already_is_given_up_at_once(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    part = job(workspace_id)
    await bench.enqueue(part)
    await end_next(bench, is_success=False)
    whole = replace(job(workspace_id), waits_for=[part.id])
    await bench.enqueue(whole)
    row = await bench.row(whole.id)
    assert (row.state, row.error_code) == (JobState.ABORTED, "DEPENDENCY_FAILED")
    events = await bench.container.feed.read_stream(job_stream(whole.id, workspace_id), after=0)
    assert names(events) == ["JobQueued", "JobAborted"]


async def test_waiting_for_a_job_that_is_not_there_is_refused_and_nothing_is_written(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    elsewhere = job(await bench.add_workspace())
    await bench.enqueue(elsewhere)
    for unknown in (JobId(new_id()), elsewhere.id):
        whole = replace(job(workspace_id), waits_for=[unknown])
        with pytest.raises(WaitsForUnknown):
            await bench.enqueue(whole)
        async with bench.container.work(workspace_id) as work:
            assert await work.jobs.cancel(whole.id, "It is not there.") is CancelOutcome.NOT_FOUND
