"""Each move of a job in PostgreSQL: its precondition, and what it leaves behind."""

from dataclasses import replace

import pytest

from bootstrap.clock import new_id
from bootstrap.container import Container
from domain.identifiers import JobId
from domain.jobs.errors import FenceLost
from domain.jobs.models import Cancellation, CancelOutcome, ClaimedJob, JobState, StepResult
from domain.jobs.policies import Failure, FailureCode
from tests.builders_jobs import Bench, job, job_stream, names, worker

BROKEN = Failure(FailureCode.UNAVAILABLE, "The store is away.")


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


async def finish(bench: Bench, claimed: ClaimedJob) -> None:
    async with bench.container.system_database.work(claimed.workspace_id) as work:
        await work.held_jobs.finish(claimed.fence, worked_seconds=2.0, result={"frames": 24})


async def fail(bench: Bench, claimed: ClaimedJob, *, retry_seconds: float | None) -> JobState:
    async with bench.container.system_database.work(claimed.workspace_id) as work:
        return await work.held_jobs.fail(claimed.fence, BROKEN, retry_seconds=retry_seconds)


async def release(bench: Bench, claimed: ClaimedJob) -> JobState:
    async with bench.container.system_database.work(claimed.workspace_id) as work:
        return await work.held_jobs.release(claimed.fence)


async def record_step(bench: Bench, claimed: ClaimedJob) -> None:
    async with bench.container.system_database.work(claimed.workspace_id) as work:
        await work.steps.record(claimed.workspace_id, StepResult("digest", {"epoch": claimed.fence.epoch}))
        await work.held_jobs.check(claimed.fence)


async def test_a_job_goes_from_the_queue_to_its_end(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    claimed = await bench.start(new)
    await finish(bench, claimed)
    row = await bench.row(new.id)
    assert (row.state, row.result, row.worked_seconds, row.epoch) == ("succeeded", {"frames": 24}, 2.0, 1)
    assert row.lease_until is None


async def test_a_second_job_with_the_same_key_is_not_written(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    first, second = job(workspace_id), job(workspace_id)
    async with bench.container.work(workspace_id) as work:
        for new, is_new in ((first, True), (second, False)):
            assert await work.jobs.enqueue(replace(new, idempotency_key="once")) is is_new


async def test_a_job_that_is_rolled_back_was_never_there(bench: Bench) -> None:
    new = job(await bench.add_workspace())

    async def enqueue_and_break() -> None:
        async with bench.container.work(new.workspace_id) as work:
            await work.jobs.enqueue(new)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await enqueue_and_break()
    assert await bench.dispatch(slots=5) == []


async def test_a_delivery_is_claimed_once_however_often_it_arrives(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    await bench.enqueue(new)
    await bench.dispatch()
    claims = [
        await bench.claims.claim(worker(name), claim_id=new_id(), lease_seconds=60, job_id=new.id, delivery=1)
        for name in ("worker-1", "worker-2", "worker-1")
    ]
    assert [claim is not None for claim in claims] == [True, False, False]


async def test_a_late_delivery_is_refused_after_the_job_was_delivered_again(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    await bench.enqueue(new)
    await bench.dispatch()
    [void] = await bench.dispatches.return_deliveries(older_seconds=0, limit=10)
    assert (void.job_id, void.number) == (new.id, 1)
    await bench.dispatch()
    late = await bench.claims.claim(worker(), claim_id=new_id(), lease_seconds=60, job_id=new.id, delivery=1)
    assert late is None
    assert await bench.claims.claim(worker(), claim_id=new_id(), lease_seconds=60, job_id=new.id, delivery=2)


async def test_a_claim_whose_answer_was_lost_finds_its_job_again(bench: Bench) -> None:
    claim_id = new_id()
    await bench.enqueue(job(await bench.add_workspace()))
    await bench.dispatch()
    first = await bench.claim(claim_id=claim_id)
    assert first is not None
    assert await bench.claim(claim_id=claim_id) == first


async def test_a_lost_job_is_queued_again_and_its_old_worker_is_refused(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    lost = await bench.start(new)
    await bench.expire(lost.fence)
    assert await bench.dispatches.reap(limit=10) == 1
    with pytest.raises(FenceLost):
        await bench.claims.beat(lost.fence, lease_seconds=60)
    with pytest.raises(FenceLost):
        await finish(bench, lost)
    row = await bench.row(new.id)
    assert (row.state, row.lost, row.attempts) == ("queued", 1, 0)


async def test_a_late_heartbeat_does_not_revive_a_lease_that_was_given_up(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    crashed = await bench.start(new)
    await bench.claims.give_up(crashed.fence, "The process at work crashed.")
    await bench.claims.beat(crashed.fence, lease_seconds=60)
    assert await bench.dispatches.reap(limit=10) == 1
    row = await bench.row(new.id)
    assert (row.state, row.lost, row.attempts) == ("queued", 1, 0)


async def test_the_old_worker_is_refused_when_the_job_runs_again(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    lost = await bench.start(new)
    await bench.expire(lost.fence)
    await bench.dispatches.reap(limit=10)
    await bench.dispatch(slots=5)
    second = await bench.claim()
    assert second is not None
    assert second.fence.epoch == 2
    with pytest.raises(FenceLost):
        await record_step(bench, lost)
    async with bench.container.work(new.workspace_id) as work:
        assert await work.steps.find(new.workspace_id, "digest") is None


async def test_a_job_that_loses_every_worker_is_set_aside(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    claimed = await bench.start(new)
    for _ in range(2):
        await bench.expire(claimed.fence)
        assert await bench.dispatches.reap(limit=10) == 1
        await bench.dispatch(slots=5)
        again = await bench.claim()
        assert again is not None
        claimed = again
    await bench.expire(claimed.fence)
    assert await bench.dispatches.reap(limit=10) == 0
    [ended] = await bench.dispatches.list_doomed(limit=10)
    assert (ended.id, ended.state, ended.failure_code) == (new.id, JobState.DEAD, "WORKER_LOST")
    async with bench.container.system_work(new.workspace_id) as work:
        assert await work.held_jobs.bury(new.id)
        assert not await work.held_jobs.bury(new.id)
    assert await bench.state(new.id) is JobState.DEAD


async def test_a_failure_is_retried_after_its_delay_and_counted(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    assert await fail(bench, await bench.start(new), retry_seconds=30) is JobState.QUEUED
    assert await bench.dispatch(slots=5) == []
    row = await bench.row(new.id)
    assert (row.attempts, row.lost, row.error_code) == (1, 0, "UNAVAILABLE")


async def test_a_failure_without_a_retry_ends_the_job(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    assert await fail(bench, await bench.start(new), retry_seconds=None) is JobState.FAILED


async def test_a_graceful_stop_is_neither_attempt_nor_loss(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    assert await release(bench, await bench.start(new)) is JobState.QUEUED
    row = await bench.row(new.id)
    assert (row.attempts, row.lost) == (0, 0)
    assert await bench.dispatch(slots=5) == [new.id]


async def test_a_report_repeated_after_its_answer_was_lost_changes_nothing(bench: Bench) -> None:
    new = job(await bench.add_workspace())
    claimed = await bench.start(new)
    await finish(bench, claimed)
    await finish(bench, claimed)
    events = await bench.container.feed.read_stream(job_stream(new.id, new.workspace_id), after=0)
    assert names(events) == ["JobQueued", "JobStarted", "JobSucceeded"]
    assert [event.number for event in events] == [1, 2, 3]


async def test_cancelling_ends_what_has_not_started_and_asks_what_runs_to_stop(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    running, waiting = job(workspace_id, subject_id=workspace_id), job(workspace_id, subject_id=workspace_id)
    claimed = await bench.start(running)
    await bench.enqueue(waiting)
    async with bench.container.work(workspace_id) as work:
        assert await work.jobs.cancel_subject(workspace_id, "not wanted") == Cancellation(ended=1, asked=1)
    assert await bench.state(waiting.id) is JobState.CANCELED
    assert (await bench.claims.beat(claimed.fence, lease_seconds=60)).is_cancelled
    assert await release(bench, claimed) is JobState.CANCELED


async def test_a_cancel_beats_a_retry_and_a_loss(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    failing, losing = await bench.start(job(workspace_id)), await bench.start(job(workspace_id))
    async with bench.container.work(workspace_id) as work:
        for claimed in (failing, losing):
            assert await work.jobs.cancel(claimed.id, "stop") is CancelOutcome.CANCELLATION_REQUESTED
    assert await fail(bench, failing, retry_seconds=0) is JobState.CANCELED
    await bench.expire(losing.fence)
    await bench.dispatches.reap(limit=10)
    assert await bench.state(losing.id) is JobState.CANCELED


async def test_success_that_came_first_beats_a_cancel(bench: Bench) -> None:
    claimed = await bench.start(job(await bench.add_workspace()))
    await finish(bench, claimed)
    async with bench.container.work(claimed.workspace_id) as work:
        assert await work.jobs.cancel(claimed.id, "too late") is CancelOutcome.ALREADY_FINISHED
        assert await work.jobs.cancel(JobId(new_id()), "unknown") is CancelOutcome.NOT_FOUND
    assert await bench.state(claimed.id) is JobState.SUCCEEDED


async def test_a_stranger_cannot_cancel_or_enqueue_in_a_workspace(bench: Bench) -> None:
    ours, theirs = await bench.add_workspace(), await bench.add_workspace()
    new = job(ours)
    await bench.enqueue(new)
    async with bench.container.work(theirs) as work:
        assert await work.jobs.cancel(new.id, "mine now") is CancelOutcome.NOT_FOUND
    with pytest.raises(Exception, match="not the workspace of this transaction"):
        async with bench.container.work(theirs) as work:
            await work.jobs.enqueue(job(ours))
