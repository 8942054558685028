"""Who is given what: caps of a queue, postponed jobs, versions side by side, warm workers, and jobs that run alone."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from bootstrap.container import Container
from domain.identifiers import WorkspaceId
from domain.jobs.models import Fence, JobState, NewJob, Priority, Queue
from tests.builders_jobs import Bench, job, worker


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


async def lose_twice(bench: Bench, new: NewJob) -> None:
    await bench.as_owner("update jobs set lost = 2 where id = :id", id=new.id)


async def test_a_queue_never_exceeds_its_cap(bench: Bench) -> None:
    await bench.as_owner("update queue_controls set running_max = 3 where queue = 'cpu'")
    workspace_id = await bench.add_workspace()
    await bench.enqueue(*(job(workspace_id) for _ in range(5)))
    assert len(await bench.dispatch(slots=10)) == 3
    assert await bench.dispatch(slots=10) == []


async def test_a_postponed_job_is_picked_when_it_is_due(bench: Bench) -> None:
    new = replace(job(await bench.add_workspace()), run_at=bench.container.now() + timedelta(hours=1))
    await bench.enqueue(new)
    assert await bench.dispatch() == []
    await bench.as_owner("update jobs set run_at = clock_timestamp() where id = :id", id=new.id)
    assert await bench.dispatch() == [new.id]


async def test_a_job_whose_time_has_come_joins_its_lane_by_itself(bench: Bench) -> None:
    new = replace(job(await bench.add_workspace()), run_at=bench.container.now() + timedelta(hours=1))
    await bench.enqueue(new)
    await bench.as_owner("alter table jobs disable trigger user")
    await bench.as_owner("update jobs set run_at = clock_timestamp()")
    await bench.as_owner("alter table jobs enable trigger user")
    assert await bench.dispatch() == [new.id]


async def test_a_lane_that_was_emptied_takes_jobs_again(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    for _ in range(3):
        new = job(workspace_id)
        await bench.enqueue(new)
        assert await bench.dispatch(slots=9) == [new.id]


async def test_a_job_that_is_being_written_down_is_not_forgotten_when_its_lane_is_emptied(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    first, second, third = job(workspace_id), job(workspace_id), job(workspace_id)
    await bench.enqueue(first, second)
    assert len(await bench.dispatch(slots=1)) == 1
    async with bench.container.work(workspace_id) as work:
        assert await work.jobs.enqueue(third)  # sees that its lane is marked
        await bench.dispatch(slots=2)  # gives the last one out, and would take the mark off
    assert await bench.dispatch(slots=9) == [third.id]


async def test_more_lanes_than_are_looked_at_all_get_their_turn(bench: Bench) -> None:
    jobs = [job(await bench.add_workspace()) for _ in range(30)]
    await bench.enqueue(*jobs)
    served: set[object] = set()
    for slots in range(1, 31):
        served |= set(await bench.dispatch(slots=slots))
    assert served == {each.id for each in jobs}


async def test_a_newer_version_waits_for_a_worker_that_knows_it(bench: Bench) -> None:
    new = job(await bench.add_workspace(), queue=Queue.INTERNAL, version=2)
    await bench.enqueue(new)
    assert await bench.dispatch(queue=Queue.INTERNAL, slots=4) == []
    newer = worker("newer", queue=Queue.INTERNAL, engines=["tests.work@1", "tests.work@2"])
    await bench.claims.see(newer)
    assert await bench.dispatch(queue=Queue.INTERNAL, slots=4) == [new.id]
    assert await bench.claim(worker("older", queue=Queue.INTERNAL)) is None
    claimed = await bench.claim(newer)
    assert claimed is not None
    assert (claimed.id, claimed.version, claimed.attempts) == (new.id, 2, 0)


async def test_a_worker_does_not_claim_what_it_does_not_know_even_when_told_to(bench: Bench) -> None:
    new = job(await bench.add_workspace(), queue=Queue.INTERNAL, kind="tests.other")
    await bench.enqueue(new)
    await bench.claims.see(worker("newer", queue=Queue.INTERNAL, engines=["tests.other@1"]))
    await bench.dispatch(queue=Queue.INTERNAL)
    older = worker("older", queue=Queue.INTERNAL)
    claimed = await bench.claims.claim(
        older, claim_id=bench.container.new_id(), lease_seconds=60, job_id=new.id, delivery=1
    )
    assert (claimed, await bench.state(new.id)) == (None, JobState.DISPATCHED)


async def test_a_warm_worker_is_given_more_of_the_same_among_equals(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    keys = ("red", "blue", "red", "blue")
    red, blue, other_red, other_blue = (job(workspace_id, affinity=key) for key in keys)
    urgent = job(workspace_id, affinity="red", priority=Priority.INTERACTIVE)
    await bench.enqueue(red, blue, other_red, other_blue, urgent)
    await bench.claims.see(worker(warm=["blue"]))
    await bench.dispatch(slots=20)
    claims = [await bench.claim() for _ in range(5)]
    assert [each.id for each in claims if each] == [urgent.id, blue.id, other_blue.id, red.id, other_red.id]


@pytest.mark.parametrize(
    ("words", "loads"),
    [
        (("still", "moving"), 2),
        (("engine", "engine"), 6),  # the model is not named
        (("still {}", "moving {}"), 6),  # adapters are named, too
    ],
    ids=["by model", "by engine", "by model and adapter"],
)
async def test_a_worker_with_room_for_one_model_changes_it_least_where_affinity_is_the_models_name(
    bench: Bench, words: tuple[str, str], loads: int
) -> None:
    """Three shots, each with a character of its own, and of each what makes the keyframe and what moves one."""
    workspace_id = await bench.add_workspace()
    needed: dict[object, str] = {}
    for shot in range(3):
        for word, model in zip(words, ("still", "moving"), strict=True):
            new = job(workspace_id, affinity=word.format(shot))
            needed[new.id] = model
            await bench.enqueue(new)
    await bench.dispatch(slots=20)
    made: list[str] = []
    warm: list[str] = []
    while True:
        await bench.claims.see(worker(warm=warm))
        claimed = await bench.claim()
        if claimed is None:
            break
        made.append(needed[claimed.id])
        warm = [claimed.affinity or ""]
        await finish(bench, claimed.fence, workspace_id)
    assert len(made) == 6
    assert sum(before != after for before, after in pairwise(["", *made])) == loads


async def test_warmth_prefers_what_was_dispatched_before_it_was_known(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    red, blue = job(workspace_id, affinity="red"), job(workspace_id, affinity="blue")
    await bench.enqueue(red, blue)
    await bench.dispatch(slots=2)
    await bench.claims.see(worker(warm=["blue"]))
    claims = [await bench.claim() for _ in range(2)]
    assert [each.id for each in claims if each] == [blue.id, red.id]


async def test_warmth_does_not_look_beyond_the_next_32_nor_into_other_workspaces(bench: Bench) -> None:
    workspace_id = await bench.add_workspace(running_max=50)
    jobs = [job(workspace_id, affinity="red") for _ in range(32)]
    far, foreign = job(workspace_id, affinity="blue"), job(await bench.add_workspace(), affinity="blue")
    await bench.enqueue(*jobs, far, foreign)
    await bench.claims.see(worker(warm=["blue"]))
    picked = await bench.dispatch(slots=50)
    assert picked.index(far.id) > picked.index(jobs[-1].id)
    claimed = await bench.claim()
    assert claimed is not None
    assert claimed.id == jobs[0].id


async def test_warmth_never_passes_over_a_job_for_more_than_ten_minutes(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    cold = job(workspace_id, affinity="red")
    await bench.enqueue(cold)
    await bench.as_owner("update jobs set created_at = created_at - interval '11 minutes'")
    await bench.enqueue(*(job(workspace_id, affinity="blue") for _ in range(3)))
    await bench.claims.see(worker(warm=["blue"]))
    assert (await bench.dispatch(slots=9))[0] == cold.id
    claimed = await bench.claim()
    assert claimed is not None
    assert claimed.id == cold.id


async def finish(bench: Bench, fence: Fence, workspace_id: WorkspaceId) -> None:
    async with bench.container.system_work(workspace_id) as work:
        await work.held_jobs.finish(fence, worked_seconds=1, result={})


async def test_a_job_that_was_lost_twice_runs_alone(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    neighbour, suspect, later = job(workspace_id), job(workspace_id), job(workspace_id)
    await bench.enqueue(neighbour)
    await bench.dispatch(slots=9)
    await bench.claims.see(worker(slots=4))
    running = await bench.claim()
    assert running is not None
    await bench.enqueue(suspect, later)
    await lose_twice(bench, suspect)
    await bench.dispatch(slots=9)
    assert await bench.claim() is None  # the process is emptied for the suspect
    await finish(bench, running.fence, workspace_id)
    alone = await bench.claim()
    assert alone is not None
    assert alone.id == suspect.id
    assert await bench.claim() is None  # and nothing joins it
    assert (await bench.claim(worker("worker-2"))) is not None
    await finish(bench, alone.fence, workspace_id)
