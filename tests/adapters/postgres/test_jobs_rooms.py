"""The pick among workers of several kinds: none idles while what it alone can do waits behind what others do."""

import pytest

from bootstrap.container import Container
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import NewJob, Queue
from tests.builders_jobs import Bench, job, worker


@pytest.fixture
def bench(container: Container) -> Bench:
    return Bench(container)


def command(workspace_id: WorkspaceId, engine: str) -> NewJob:
    return job(workspace_id, payload={"command": {"engine": engine, "version": 1}})


async def pick(bench: Bench) -> list[JobId]:
    return [each.job_id for each in await bench.dispatches.pick(Queue.CPU, limit=100)]


async def test_a_flood_for_one_engine_leaves_the_workers_of_another_their_room(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    flood, single = [command(workspace_id, "draw") for _ in range(20)], command(workspace_id, "embed")
    await bench.enqueue(*flood, single)
    await bench.claims.see(worker("drawer", engines=["draw"]))
    assert await pick(bench) == [flood[0].id]
    await bench.claims.see(worker("embedder", engines=["embed"]))
    assert await pick(bench) == [single.id]
    assert await pick(bench) == []


async def test_what_waits_for_room_takes_no_place_under_its_workspaces_cap(bench: Bench) -> None:
    workspace_id = await bench.add_workspace(running_max=2)
    flood, more = ([command(workspace_id, engine) for _ in range(5)] for engine in ("draw", "embed"))
    await bench.enqueue(*flood, *more)
    await bench.claims.see(worker("drawer", engines=["draw"]))
    await bench.claims.see(worker("embedder", engines=["embed"], slots=4))
    assert await pick(bench) == [flood[0].id, more[0].id]


async def test_workers_that_know_more_share_their_room_and_the_others_keep_theirs(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    flood, more = ([command(workspace_id, engine) for _ in range(5)] for engine in ("draw", "embed"))
    await bench.enqueue(*flood, *more)
    await bench.claims.see(worker("both", engines=["draw", "embed"]))
    await bench.claims.see(worker("embedder", engines=["embed"]))
    assert await pick(bench) == [flood[0].id, more[0].id]
    assert await pick(bench) == []
    claimed = await bench.claim(worker("embedder", engines=["embed"]))
    assert claimed is not None
    assert claimed.id == more[0].id
    assert await pick(bench) == []


async def test_a_flood_for_all_leaves_its_turn_to_what_one_of_them_alone_knows(container: Container) -> None:
    bench = Bench(container, lookahead=64)
    plain, both = worker("plain", engines=["draw"]), worker("both", engines=["draw", "embed"])
    flooding = await bench.add_workspace()
    await bench.enqueue(*(command(flooding, "draw") for _ in range(20)))
    for each in (plain, both):
        await bench.claims.see(each)
    await pick(bench)
    assert await bench.claim(plain) is not None
    busy = await bench.claim(both)
    assert busy is not None
    await pick(bench)
    single = command(await bench.add_workspace(), "embed")
    await bench.enqueue(single)
    await bench.as_owner("update job_lanes set virtual_time = 1e6 where needs = 'draw@1' and is_waiting")
    await bench.as_owner("update workspace_shares set virtual_time = 1e6")
    async with container.system_work(busy.workspace_id) as work:
        await work.held_jobs.finish(busy.fence, worked_seconds=1, result={})
    assert single.id in await pick(bench)


async def test_what_a_worker_that_drains_still_holds_takes_no_place_from_the_others(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    first, second = (command(workspace_id, "draw") for _ in range(2))
    await bench.enqueue(first)
    await bench.claims.see(worker("old", engines=["draw"]))
    await pick(bench)
    assert await bench.claim(worker("old", engines=["draw"])) is not None
    await bench.as_owner("update workers set state = 'draining'")
    await bench.claims.see(worker("new", engines=["draw"]))
    await bench.claims.see(worker("other", engines=["embed"]))
    await bench.enqueue(second)
    assert await pick(bench) == [second.id]


async def test_the_cap_of_the_queue_holds_whatever_rooms_there_are(bench: Bench) -> None:
    workspace_id = await bench.add_workspace()
    await bench.enqueue(*(command(workspace_id, engine) for engine in ("draw", "embed") for _ in range(5)))
    await bench.claims.see(worker("drawer", engines=["draw"], slots=3))
    await bench.claims.see(worker("embedder", engines=["embed"], slots=3))
    await bench.as_owner("update queue_controls set running_max = 4 where queue = 'cpu'")
    assert len(await pick(bench)) == 4
    assert await pick(bench) == []
