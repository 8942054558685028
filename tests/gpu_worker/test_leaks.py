"""Children that hold more and more are replaced between jobs; others are left alone."""

import pytest

from gpu_worker.leaks import WARM_UP_COMMANDS, LeakWatch
from gpu_worker.messages import Memory
from tests.builders_jobs import Bench
from tests.builders_metrics import samples
from tests.gpu_worker import engines
from tests.gpu_worker.conftest import Lab, keyframe_job, served

MB = 1_000_000


async def test_a_child_that_leaks_is_replaced_between_jobs_and_no_job_is_charged(lab: Lab, bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    jobs = [keyframe_job(workspace_id, seed=engines.LEAKS) for _ in range(WARM_UP_COMMANDS + 2)]
    settings = lab.settings(child_growth_bytes_max=engines.LEAK_BYTES * 2 // 3)
    async with lab.open(), lab.worker(settings) as worker:
        await bench.enqueue(*jobs)
        rows = [await bench.ended(each.id, seconds=60) for each in jobs]
        async with served(worker) as client:
            told = samples((await client.get("/metrics")).text)
    assert {(row.state, row.attempts, row.lost, row.epoch) for row in rows} == {("succeeded", 0, 0, 1)}
    assert (told["lab_worker_child_recycled_total",], told["lab_worker_child_restarts_total",]) == (1, 1)


def watch(*, resident_bytes_max: int | None = None) -> LeakWatch:
    return LeakWatch(growth_bytes_max=100 * MB, resident_bytes_max=resident_bytes_max)


def memory(resident: int, *, accelerator: int = 0, loaded: int = 0) -> Memory:
    return Memory(resident_bytes=resident * MB, accelerator_bytes=accelerator * MB, loaded_bytes=loaded * MB)


def noted(watch: LeakWatch, *readings: Memory) -> bool:
    for each in readings:
        watch.note(each)
    return watch.complaint is not None


def test_what_is_taken_while_warming_up_is_no_growth() -> None:
    assert not noted(watch(), memory(100), memory(900), memory(950), memory(1040))
    assert noted(watch(), memory(100), memory(900), memory(950), memory(1051))


def test_models_may_come_and_go() -> None:
    warm = [memory(500)] * WARM_UP_COMMANDS
    assert not noted(watch(), *warm, memory(5500, loaded=5000), memory(600, accelerator=5000, loaded=5000))
    assert noted(watch(), *warm, memory(500, accelerator=5101, loaded=5000))


def test_an_absolute_limit_counts_from_the_first_command() -> None:
    assert noted(watch(resident_bytes_max=400 * MB), memory(401))


@pytest.mark.parametrize("resident_bytes_max", [None, MB])
def test_what_the_system_does_not_tell_is_no_leak(resident_bytes_max: int | None) -> None:
    unknown = Memory(resident_bytes=None, accelerator_bytes=0, loaded_bytes=0)
    assert not noted(watch(resident_bytes_max=resident_bytes_max), *[unknown] * 5)


def test_the_next_child_is_judged_by_itself() -> None:
    judged = watch()
    assert noted(judged, *[memory(100)] * WARM_UP_COMMANDS, memory(300))
    judged.begin()
    assert not noted(judged, memory(300))
