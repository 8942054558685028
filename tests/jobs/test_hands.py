"""Jobs taken ahead of the hands: only where they are short, and never to wait long."""

import asyncio

import pytest

from adapters.postgres.job_tables import JobRow
from domain.events import StreamKind, stream_key
from domain.identifiers import JobId
from domain.jobs.models import ClaimedJob, JobState, Queue
from jobs.asking import Taking
from jobs.context import JobContext
from jobs.hands import AHEAD_MAX, WORKED_MAX, Hands
from jobs.registry import Registry
from jobs.runner import Runner
from tests.builders_jobs import LEASE_SECONDS, Bench, job, worker
from tests.jobs.conftest import background

KIND = "tests.work"


def hands_after(*worked_seconds: float, count: int = 10) -> Hands:
    hands = Hands(count, ahead_seconds=0.02)
    for seconds in worked_seconds:
        hands.note(seconds)
    return hands


def test_nothing_is_taken_ahead_before_it_is_known_how_long_jobs_take() -> None:
    assert hands_after(*[0.0] * (WORKED_MAX - 1)).ahead == 0


@pytest.mark.parametrize(("seconds", "ahead"), [(0.0, AHEAD_MAX), (0.01, 20), (0.1, 2), (0.3, 0), (60.0, 0)])
def test_as_much_is_taken_ahead_as_the_hands_do_soon(seconds: float, ahead: int) -> None:
    assert hands_after(*[seconds] * WORKED_MAX).ahead == ahead


def test_nothing_is_taken_ahead_where_that_is_turned_off() -> None:
    hands = Hands(10, ahead_seconds=0)
    for _ in range(WORKED_MAX):
        hands.note(0.0)
    assert hands.ahead == 0


def test_one_long_job_among_the_last_ends_the_taking_ahead() -> None:
    hands = hands_after(*[0.001] * WORKED_MAX, 3.0)
    assert hands.ahead == 0
    for _ in range(WORKED_MAX):
        hands.note(0.001)
    assert hands.ahead == AHEAD_MAX


async def test_no_hand_is_lost_to_one_who_waited_in_vain_and_no_more_are_taken_ahead() -> None:
    hands = hands_after(*[0.0] * WORKED_MAX, count=1)
    await hands.take()
    assert not await hands.take_soon()
    assert hands.ahead == 0
    hands.free()
    assert await hands.take_free() == 1


async def gone_back(bench: Bench, job_id: JobId) -> JobRow:
    key = stream_key(StreamKind.JOB, job_id)
    async with asyncio.timeout(20), bench.container.wakeups.subscribe(key) as bell:
        while (row := await bench.row(job_id)).epoch == 0 or row.state != "queued":
            await bell.wait(0.1)
        return row


async def test_what_was_taken_ahead_of_a_long_job_goes_back_with_nothing_charged(
    bench: Bench, registry: Registry
) -> None:
    may_end = asyncio.Event()

    @registry.task(KIND)
    async def run(context: JobContext, claimed: ClaimedJob) -> None:
        if claimed.payload.get("is_long"):
            await may_end.wait()

    space = await bench.add_workspace(running_max=100)
    short = [job(space, queue=Queue.INTERNAL) for _ in range(WORKED_MAX)]
    long, ahead = job(space, queue=Queue.INTERNAL, payload={"is_long": True}), job(space, queue=Queue.INTERNAL)
    alone = worker("runner-1", queue=Queue.INTERNAL)
    runner = Runner(
        bench.container, registry, worker=alone, lease_seconds=60 * LEASE_SECONDS, ask=Taking(bench.container)
    )
    async with background(runner.ask_for_ever(ask_seconds=0.2)):
        await bench.enqueue(*short)
        for each in short:
            await bench.ended(each.id)
        async with bench.container.work(space) as work:
            await work.jobs.enqueue(long)
            await work.jobs.enqueue(ahead)
        await bench.reached(long.id, JobState.RUNNING)
        waiting = await gone_back(bench, ahead.id)
        may_end.set()
        done = await bench.ended(ahead.id)
        await bench.ended(long.id)
        await runner.drain(seconds=10)
    assert (waiting.epoch, waiting.attempts, waiting.lost) == (1, 0, 0)
    assert (done.state, done.epoch, done.attempts, done.lost) == ("succeeded", 2, 0, 0)
