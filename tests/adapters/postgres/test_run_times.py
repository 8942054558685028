"""What jobs have taken is measured once, by what shapes it, and estimates the jobs that come after."""

from dataclasses import replace

import pytest

from bootstrap.container import Container
from domain.jobs.models import NewJob, Queue
from domain.jobs.run_times import Workload
from tests.builders_jobs import Bench, job

LARGE, SMALL = (1280, 720), (320, 180)
DECLARED_SECONDS = 5.0


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


def animate(new: NewJob, frame: tuple[int, int], frames: int) -> NewJob:
    command = {"engine": "tests.work", "version": 1, "width": frame[0], "height": frame[1], "frames": frames}
    return replace(new, payload={"command": command}, estimated_seconds=DECLARED_SECONDS)


async def past(
    bench: Bench,
    *,
    seconds: float,
    frame: tuple[int, int] = LARGE,
    frames: int = 48,
    runs: int = 8,
    worked: float = 1000.0,
) -> None:
    """Jobs of that size that have ended an hour ago, and took a tenth more or less than that."""
    jobs = [animate(job(await bench.add_workspace()), frame, frames) for _ in range(runs)]
    await bench.enqueue(*jobs)
    await bench.as_owner(
        "update jobs set state = 'succeeded', finished_at = now() - interval '1 hour', started_at = now()"
        " - interval '1 hour' - make_interval(secs => :seconds * (0.9 + 0.2 * (hashtext(cast(id as text)) & 1))),"
        " worked_seconds = :worked"
        " where id = any(:ids)",
        ids=[each.id for each in jobs],
        seconds=seconds,
        worked=worked,
    )


async def measure(bench: Bench, limit: int = 1000) -> int:
    async with bench.container.system_work() as work:
        return await work.run_times.measure(settled_seconds=5, limit=limit)


async def estimate(bench: Bench, frame: tuple[int, int], frames: int = 48) -> float:
    new = animate(job(await bench.add_workspace()), frame, frames)
    await bench.enqueue(new)
    return (await bench.row(new.id)).estimated_seconds


async def test_a_job_is_estimated_by_those_of_its_size_that_have_run(bench: Bench) -> None:
    await past(bench, seconds=40.0, frame=LARGE)
    await past(bench, seconds=2.0, frame=SMALL)
    assert await measure(bench) == 16
    assert await estimate(bench, LARGE) == pytest.approx(40.0, rel=0.11)
    assert await estimate(bench, SMALL) == pytest.approx(2.0, rel=0.11)
    assert await estimate(bench, LARGE, frames=480) == DECLARED_SECONDS


async def test_a_job_of_a_batch_counts_for_its_share_of_the_time(bench: Bench) -> None:
    await past(bench, seconds=40.0, worked=10.0)
    await measure(bench)
    assert await estimate(bench, LARGE) == pytest.approx(10.0)


async def test_a_few_runs_are_not_enough_to_go_by(bench: Bench) -> None:
    await past(bench, seconds=40.0, runs=4)
    await measure(bench)
    assert await estimate(bench, LARGE) == DECLARED_SECONDS


async def test_every_job_counts_once_however_often_and_in_whatever_portions_is_measured(bench: Bench) -> None:
    await past(bench, seconds=40.0)
    assert [await measure(bench, limit=3) for _ in range(4)] == [3, 3, 2, 0]
    assert await bench.as_owner_answer("select sum(runs) from job_run_times") == 8


async def test_what_was_measured_long_ago_gives_way(bench: Bench) -> None:
    await past(bench, seconds=40.0, runs=60)
    await measure(bench)
    await past(bench, seconds=10.0, runs=60)
    await measure(bench)
    assert 20 < await estimate(bench, LARGE) < 28


async def test_what_is_asked_for_together_is_found_by_its_class(bench: Bench) -> None:
    await past(bench, seconds=40.0)
    await measure(bench)
    known = Workload(Queue.CPU, "tests.work", 1.0, "tests.work", 1280 * 720, 50)
    unknown = replace(known, frames=480)
    async with bench.container.work() as work:
        measured = await work.run_times.measured({known, unknown})
    assert (known.seconds(measured), unknown.seconds(measured)) == (pytest.approx(40.0, rel=0.11), 1.0)
